using System;
using UnityEngine;
using WxGame;

// Payments of a game server that is built with Unity. One of it in the scene; keys belong on servers, never into a
// build that players get.
public sealed class Payments : MonoBehaviour
{
    WxGameClient client;

    void Awake()
    {
        WxGameClientOptions options = new WxGameClientOptions
        {
            Appid = "wx1234567",
            OfferId = "12345678",
            AppSecret = Environment.GetEnvironmentVariable("app_secret"),
            AppKey = Environment.GetEnvironmentVariable("app_key"),
            Journal = "sqlite:" + Application.persistentDataPath + "/pay.journal",
        };
        client = WxGameClient.Open(options, OnCompleted, PumpMode.Tick);
        client.HandlerFailed += (_, failure) => Debug.LogException(failure);
    }

    void Update()
    {
        client.Tick();
        foreach (LogRecord record in client.PollLog())
            Debug.Log(record.Message);
    }

    void OnDestroy()
    {
        client.Dispose();
    }

    // The number stands with the order before this is called.
    public async void Buy(string billNo, string openid, long amount, string item)
    {
        try
        {
            PayOptions pay = new PayOptions
            {
                BillNo = billNo,
                Openid = openid,
                ZoneId = "1",
                Amount = amount,
                PayItem = item,
            };
            Settle(client, await client.PayAsync(pay));
        }
        catch (Exception failure)
        {
            // The coins may have been taken: the answer comes to OnCompleted.
            Debug.LogException(failure);
        }
    }

    void OnCompleted(WxGameClient sender, Completion completion)
    {
        if (completion.Kind == CompletionKind.SessionNeeded)
            Debug.Log("log in again: " + completion.Openid);
        else
            Settle(sender, completion);
    }

    void Settle(WxGameClient sender, Completion payment)
    {
        if (payment.Outcome == Outcome.Done)
            Debug.Log("grant once, in a transaction of your database: " + payment.BillNo);
        if (payment.DeliveryId != 0)
            sender.Ack(payment.DeliveryId);
    }
}
