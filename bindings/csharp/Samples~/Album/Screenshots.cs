using System;
using System.IO;
using UnityEngine;
using WxGame;

// wx.saveImageToPhotosAlbum in the editor, on the desktop or in a kiosk. One of it in the scene; it holds no key.
public sealed class Screenshots : MonoBehaviour
{
    WxGameAlbum album;
    Completion question;

    void Awake()
    {
        AlbumOptions options = new AlbumOptions
        {
            TempPath = Path.GetFullPath(Application.temporaryCachePath),
            UserDataPath = Path.GetFullPath(Application.persistentDataPath),
            Folder = "My Game", // among the user's pictures
        };
        album = WxGameAlbum.Open(options, (sender, asked) => question = asked, PumpMode.Tick);
    }

    void Update()
    {
        album.Tick();
    }

    void OnDestroy()
    {
        album.Dispose();
    }

    // The path as the game has it for WeChat: wxfile://tmp/…, or the file itself below one of the two folders.
    public async void Save(string filePath)
    {
        try
        {
            SaveImageResult saved = await album.SaveImageAsync(filePath);
            if (saved.AlbumClass == AlbumClass.Ok)
                Debug.Log("saved as " + saved.SavedFilePath);
            else if (saved.AlbumClass == AlbumClass.Denied)
                await album.OpenSettingAsync(); // asks once more; a game would offer a button for it
            else
                Debug.Log(saved.Errmsg + ", " + saved.Detail);
        }
        catch (Exception failure)
        {
            Debug.LogException(failure);
        }
    }

    void OnGUI()
    {
        if (question == null)
            return;
        GUILayout.Label("May this game save pictures among yours?");
        if (GUILayout.Button("Allow"))
            Answer(Consent.Granted);
        else if (GUILayout.Button("Refuse"))
            Answer(Consent.Denied);
    }

    void Answer(Consent consent)
    {
        if (question.Kind == CompletionKind.ConsentNeeded)
            album.AnswerConsent(consent);
        else
            album.AnswerSetting(consent);
        question = null;
    }
}
