using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace WxGame.Tests
{
    // That the binding is the header, name by name. What it is held against is printed by a C program.
    static class Shape
    {
        internal static string Header;

        const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public |
            BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        static readonly Assembly Binding = typeof(WxGameClient).Assembly;

        // Prefix of numbers in C, and the enum that has them.
        static readonly Dictionary<string, Type> Enums = new Dictionary<string, Type>
        {
            { "WXG_ENVIRONMENT_", typeof(WxGameEnvironment) },
            { "WXG_GENERATION_", typeof(Generation) },
            { "WXG_COIN_TYPE_", typeof(CoinType) },
            { "WXG_BIZ_", typeof(BizId) },
            { "WXG_RECOVERY_", typeof(Recovery) },
            { "WXG_TOKEN_SOURCE_", typeof(TokenSource) },
            { "WXG_LOG_", typeof(WxGameLogLevel) },
            { "WXG_KIND_", typeof(CompletionKind) },
            { "WXG_OUTCOME_", typeof(Outcome) },
            { "WXG_REASON_", typeof(Reason) },
            { "WXG_WAITING_", typeof(WaitingFor) },
            { "WXG_FLAG_", typeof(CompletionFlags) },
            { "WXG_VERDICT_", typeof(Verdict) },
            { "WXG_PUSH_", typeof(PushEvent) },
            { "WXG_REFUSAL_", typeof(Refusal) },
            { "WXG_HAS_", typeof(Has) },
            { "WXG_CALL_", typeof(MidasCall) },
            { "WXG_CLASS_", typeof(ErrcodeClass) },
            { "WXG_ALBUM_", typeof(AlbumClass) },
            { "WXG_CONSENT_", typeof(Consent) },
            { "WXG_ERR_", typeof(WxGameStatus) },
        };

        public static void every_function_is_declared_with_the_headers_parameters()
        {
            SortedSet<string> expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (string[] words in Lines("function"))
                expected.Add(string.Join(" ", words));
            SortedSet<string> got = new SortedSet<string>(StringComparer.Ordinal);
            foreach (Type type in Binding.GetTypes())
                foreach (MethodInfo method in type.GetMethods(Any))
                {
                    if ((method.Attributes & MethodAttributes.PinvokeImpl) == 0)
                        continue;
                    DllImportAttribute import =
                        (DllImportAttribute)Attribute.GetCustomAttribute(method, typeof(DllImportAttribute));
                    Check.Equal("wxgame", import.Value, "library of " + method.Name);
                    Check.Equal(CallingConvention.Cdecl, import.CallingConvention, "convention of " + method.Name);
                    Check.That(import.ExactSpelling, method.Name + " is not spelled exactly");
                    Check.That(!import.SetLastError, method.Name + " sets the last error");
                    StringBuilder line = new StringBuilder("function " + import.EntryPoint + " ");
                    line.Append(Width(method.ReturnType));
                    foreach (ParameterInfo parameter in method.GetParameters())
                        line.Append(' ').Append(Width(parameter.ParameterType));
                    got.Add(line.ToString());
                }
            Check.That(expected.Count > 40, "the header has too few functions: it is read wrongly");
            Same(expected, got);
        }

        public static void every_struct_has_the_headers_layout()
        {
            SortedSet<string> expected = new SortedSet<string>(StringComparer.Ordinal);
            foreach (string[] words in Lines("struct"))
                expected.Add(string.Join(" ", words));
            foreach (string[] words in Lines("field"))
                expected.Add(string.Join(" ", words));
            SortedSet<string> got = new SortedSet<string>(StringComparer.Ordinal);
            foreach (Type type in Binding.GetTypes())
            {
                if (!type.Name.StartsWith("wxg_", StringComparison.Ordinal))
                    continue;
                got.Add("struct " + type.Name + " " + Marshal.SizeOf(type));
                foreach (FieldInfo field in type.GetFields(Any))
                    got.Add("field " + type.Name + " " + field.Name + " " + Marshal.OffsetOf(type, field.Name) + " " +
                        (field.FieldType.IsPointer ? IntPtr.Size : Marshal.SizeOf(field.FieldType)));
            }
            Check.That(expected.Count > 150, "the header has too few fields: it is read wrongly");
            Same(expected, got);
        }

        public static void every_number_is_the_headers()
        {
            SortedSet<string> expected = new SortedSet<string>(StringComparer.Ordinal);
            SortedSet<string> got = new SortedSet<string>(StringComparer.Ordinal);
            foreach (string[] words in Lines("value"))
            {
                string name = words[1];
                if (name.StartsWith("WXG_VERSION_", StringComparison.Ordinal))
                    continue;
                foreach (KeyValuePair<string, Type> known in Enums)
                    if (name.StartsWith(known.Key, StringComparison.Ordinal))
                    {
                        name = known.Value.Name + "." + Pascal(name.Substring(known.Key.Length));
                        break;
                    }
                expected.Add((name == "WXG_OK" ? "WxGameStatus.Ok" : name) + " " + words[2]);
            }
            // Where 0 is no constant in C, it is the default there, and has a name here.
            foreach (Type type in Enums.Values)
                foreach (object value in Enum.GetValues(type))
                {
                    string name = type.Name + "." + value;
                    if (value.ToString() != "Default" && name != "CompletionFlags.None")
                        got.Add(name + " " + Convert.ToInt64(value));
                }
            foreach (FieldInfo field in typeof(Native).GetFields(Any))
                if (field.Name.StartsWith("WXG_", StringComparison.Ordinal) && field.Name != "WXG_OK")
                    got.Add(field.Name + " " + field.GetRawConstantValue());
            Same(expected, got);
        }

        // Each option reaches the field of its name, and no field is forgotten.
        public static void every_option_reaches_its_field()
        {
            WxGameClientOptions open = new WxGameClientOptions();
            Reaches(open, typeof(wxg_client_options), text => open.Fill(text));
            PayOptions pay = new PayOptions();
            Reaches(pay, typeof(wxg_pay_options), text => pay.Fill(text, 77));
            PresentOptions present = new PresentOptions();
            Reaches(present, typeof(wxg_present_options), text => present.Fill(text, 77));
            CancelPayOptions cancel = new CancelPayOptions();
            Reaches(cancel, typeof(wxg_cancel_pay_options), text => cancel.Fill(text, 77));
            GetBalanceOptions ask = new GetBalanceOptions();
            Reaches(ask, typeof(wxg_get_balance_options), text => ask.Fill(text, 77));
            ItemOrderOptions item = new ItemOrderOptions();
            Reaches(item, typeof(wxg_item_order_options), text => item.Fill(text, 77));
            QueryOrderOptions query = new QueryOrderOptions();
            Reaches(query, typeof(wxg_query_order_options), text => query.Fill(text, 77));
            LoginOptions login = new LoginOptions();
            Reaches(login, typeof(wxg_login_options), text => login.Fill(text, 77));
            CheckSessionOptions check = new CheckSessionOptions();
            Reaches(check, typeof(wxg_session_options), text => check.Fill(text, 77));
            MidasV1RequestOptions request = new MidasV1RequestOptions();
            Reaches(request, typeof(wxg_midas_v1_request_options), text => request.Fill(text));
            MidasV1ReplyOptions reply = new MidasV1ReplyOptions();
            Reaches(reply, typeof(wxg_midas_v1_reply_options), text => reply.Fill(text));
            GameV2RequestOptions request2 = new GameV2RequestOptions();
            Reaches(request2, typeof(wxg_game_v2_request_options), text => request2.Fill(text));
            GameV2ReplyOptions reply2 = new GameV2ReplyOptions();
            Reaches(reply2, typeof(wxg_game_v2_reply_options), text => reply2.Fill(text));
            AlbumOptions album = new AlbumOptions();
            Reaches(album, typeof(wxg_album_options), text => album.Fill(text));
        }

        // And each field that the library writes is read by the property of its name.
        public static unsafe void every_field_of_a_view_is_read()
        {
            wxg_completion_view completion;
            IntPtr texts = Fill(&completion, typeof(wxg_completion_view));
            completion.has = uint.MaxValue;
            completion.first_save = 1;
            Completion read = new Completion(&completion);
            // The goods of a gift pack are read one by one: see Pushes.
            Reads(read, &completion, typeof(wxg_completion_view), "has", "user_tag", "first_save", "is_preview",
                "goods_count");
            Check.Equal(completion.user_tag, read.Tag, "user_tag");
            Check.Equal(true, read.FirstSave, "first_save");
            Check.Equal(true, read.IsPreview, "is_preview");
            completion.has = 0;
            completion.is_preview = 0;
            read = new Completion(&completion);
            Check.Equal(false, read.IsPreview, "is_preview of 0");
            foreach (string amount in Enum.GetNames(typeof(Has)))
                Check.Equal(null, typeof(Completion).GetProperty(amount).GetValue(read, null), "untold " + amount);
            Marshal.FreeHGlobal(texts);

            wxg_goods_view goods;
            texts = Fill(&goods, typeof(wxg_goods_view));
            Reads(new Goods(&goods), &goods, typeof(wxg_goods_view));
            Marshal.FreeHGlobal(texts);

            wxg_log_record_view record;
            texts = Fill(&record, typeof(wxg_log_record_view));
            Reads(new LogRecord(&record), &record, typeof(wxg_log_record_view));
            Marshal.FreeHGlobal(texts);

            wxg_errcode_help_view help;
            texts = Fill(&help, typeof(wxg_errcode_help_view));
            Reads(new ErrcodeHelp(&help), &help, typeof(wxg_errcode_help_view));
            Marshal.FreeHGlobal(texts);

            wxg_request_view request;
            texts = Fill(&request, typeof(wxg_request_view));
            Reads(new SignedRequest(&request), &request, typeof(wxg_request_view));
            Marshal.FreeHGlobal(texts);

            wxg_stats stats;
            Marshal.FreeHGlobal(Fill(&stats, typeof(wxg_stats)));
            Reads(new WxGameStats(&stats), &stats, typeof(wxg_stats));
        }

        static IEnumerable<string[]> Lines(string kind)
        {
            foreach (string line in File.ReadAllLines(Header))
                if (line.StartsWith(kind + " ", StringComparison.Ordinal))
                    yield return line.Split(' ');
        }

        static void Same(SortedSet<string> expected, SortedSet<string> got)
        {
            SortedSet<string> missing = new SortedSet<string>(expected, StringComparer.Ordinal);
            missing.ExceptWith(got);
            got.ExceptWith(expected);
            Check.That(missing.Count == 0 && got.Count == 0, "in the header alone:\n  " + string.Join("\n  ", missing) +
                "\nin the binding alone:\n  " + string.Join("\n  ", got));
        }

        static string Width(Type type)
        {
            if (type.IsPointer || type == typeof(IntPtr))
                return "ptr";
            if (type == typeof(UIntPtr))
                return "usize";
            if (type == typeof(void))
                return "void";
            return (type == typeof(int) || type == typeof(long) ? "i" : "u") + 8 * Marshal.SizeOf(type);
        }

        static string Pascal(string name)
        {
            StringBuilder made = new StringBuilder();
            foreach (string word in name.Split('_'))
                made.Append(char.ToUpperInvariant(word[0])).Append(word.Substring(1).ToLowerInvariant());
            return made.ToString();
        }

        static void Reaches(object options, Type native, Func<CallText, object> fill)
        {
            long next = 1000;
            foreach (PropertyInfo property in options.GetType().GetProperties())
                if (property.CanWrite)
                    property.SetValue(options, Value(property.PropertyType, property.Name, next++), null);
            using (CallText text = CallText.Rent())
            {
                object filled = fill(text);
                foreach (FieldInfo field in native.GetFields(Any))
                {
                    string what = native.Name + "." + field.Name;
                    object got = field.GetValue(filled);
                    if (field.Name == "struct_size")
                        Check.Equal(Marshal.SizeOf(native).ToString(), got.ToString(), what);
                    else if (field.Name.StartsWith("reserved", StringComparison.Ordinal))
                        Check.Equal("0", got.ToString(), what);
                    else if (field.Name == "user_tag")
                        Check.Equal("77", got.ToString(), what);
                    else
                    {
                        PropertyInfo property = options.GetType().GetProperty(Pascal(field.Name));
                        Check.That(property != null, "no property for " + what);
                        Check.Equal(Text(property.GetValue(options, null)), Text(got), what);
                    }
                }
            }
        }

        static unsafe void Reads(object read, void* view, Type native, params string[] apart)
        {
            foreach (FieldInfo field in native.GetFields(Any))
            {
                if (field.Name == "struct_size" || field.Name.StartsWith("reserved", StringComparison.Ordinal) ||
                    Array.IndexOf(apart, field.Name) >= 0)
                    continue;
                string what = native.Name + "." + field.Name;
                PropertyInfo property = read.GetType().GetProperty(Pascal(field.Name));
                Check.That(property != null, "no property for " + what);
                byte* at = (byte*)view + (int)Marshal.OffsetOf(native, field.Name);
                object got = property.GetValue(read, null);
                string expected;
                if (got is ulong[])
                {
                    expected = ((ulong*)at)[0] + ".." + ((ulong*)at)[15];
                    got = ((ulong[])got)[0] + ".." + ((ulong[])got)[15];
                }
                else
                    expected = Text(Marshal.PtrToStructure((IntPtr)at, field.FieldType));
                Check.Equal(expected, Text(got), what);
            }
        }

        // Every field gets a value of its own; the texts are in one block, to be freed.
        static unsafe IntPtr Fill(void* view, Type native)
        {
            IntPtr texts = Marshal.AllocHGlobal(16 * native.GetFields(Any).Length);
            int next = 0;
            for (int at = 0; at < Marshal.SizeOf(native); at += 4)
                *(int*)((byte*)view + at) = at + 1;
            foreach (FieldInfo field in native.GetFields(Any))
                if (field.FieldType == typeof(wxg_str))
                {
                    byte[] text = Encoding.UTF8.GetBytes("值-" + next);
                    wxg_str* str = (wxg_str*)((byte*)view + (int)Marshal.OffsetOf(native, field.Name));
                    str->data = (byte*)texts + 16 * next++;
                    str->len = (UIntPtr)text.Length;
                    Marshal.Copy(text, 0, (IntPtr)str->data, text.Length);
                }
            return texts;
        }

        static object Value(Type type, string name, long number)
        {
            if (type == typeof(string))
                return "值 of " + name;
            if (type == typeof(byte[]))
                return Encoding.UTF8.GetBytes("bytes of " + name);
            if (type == typeof(bool))
                return true;
            return type.IsEnum ? Enum.ToObject(type, number) : Convert.ChangeType(number, type);
        }

        static unsafe string Text(object value)
        {
            if (value == null)
                return "";
            if (value is wxg_str)
                return Utf8.Read((wxg_str)value);
            if (value is byte[])
                return Encoding.UTF8.GetString((byte[])value);
            if (value is bool)
                return (bool)value ? "1" : "0";
            return value is string ? (string)value : Convert.ToInt64(value).ToString();
        }
    }
}
