#include "WxGameSubsystem.h"

#include "HAL/PlatformMisc.h"

THIRD_PARTY_INCLUDES_START
#include <wxgame.hpp>
THIRD_PARTY_INCLUDES_END

DEFINE_LOG_CATEGORY_STATIC(LogWxGame, Log, All);

struct FWxGameClient
{
	wxgame::client Handle;
};

namespace
{
constexpr int64 CloseTimeoutMs = 5000;
constexpr std::size_t CompletionsPerFrame = 64;

FString ToString(const wxg_str& Text)
{
	return FString(UTF8_TO_TCHAR(wxgame::text(Text).data()));
}

/** A string as the library takes it, for as long as this lives. */
class FUtf8
{
public:
	explicit FUtf8(const FString& From) : Converted(*From, From.Len()) {}
	std::string_view View() const { return {reinterpret_cast<const char*>(Converted.Get()), static_cast<std::size_t>(Converted.Length())}; }

private:
	FTCHARToUTF8 Converted;
};

bool Taken(const TCHAR* What, const wxgame::result<void>& Result)
{
	if (!Result)
	{
		UE_LOG(LogWxGame, Error, TEXT("%s: %s"), What, UTF8_TO_TCHAR(Result.error().message().data()));
	}
	return Result.has_value();
}
}

void UWxGameSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	Super::Initialize(Collection);

	const FUtf8 AppIdText(AppId), OfferIdText(OfferId), JournalText(Journal);
	const FUtf8 AppSecret(FPlatformMisc::GetEnvironmentVariable(TEXT("WXGAME_APP_SECRET")));
	const FUtf8 AppKey(FPlatformMisc::GetEnvironmentVariable(TEXT("WXGAME_APP_KEY")));
	wxgame::client_options Options;
	Options.appid = AppIdText.View();
	Options.offer_id = OfferIdText.View();
	Options.app_secret = AppSecret.View();
	Options.app_key = AppKey.View();
	Options.journal = JournalText.View();
	auto Opened = wxgame::client::open(Options);
	if (!Opened)
	{
		UE_LOG(LogWxGame, Error, TEXT("open: %s"), UTF8_TO_TCHAR(Opened.error().message().data()));
		return;
	}
	Client = MakePimpl<FWxGameClient>(FWxGameClient{MoveTemp(*Opened)});
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UWxGameSubsystem::Tick));
}

void UWxGameSubsystem::Deinitialize()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	if (Client)
	{
		// What is not told by then is told after the next start.
		Taken(TEXT("close"), Client->Handle.close(CloseTimeoutMs));
		Client.Reset();
	}
	Super::Deinitialize();
}

bool UWxGameSubsystem::SubmitLogin(const FString& JsCode)
{
	const FUtf8 JsCodeText(JsCode);
	wxgame::login_options Options;
	Options.js_code = JsCodeText.View();
	return Client && Taken(TEXT("login"), Client->Handle.submit_login(Options));
}

bool UWxGameSubsystem::SubmitPay(const FString& BillNo, const FString& OpenId, int64 Amount)
{
	const FUtf8 BillNoText(BillNo), OpenIdText(OpenId);
	wxgame::pay_options Options;
	Options.bill_no = BillNoText.View();
	Options.openid = OpenIdText.View();
	Options.zone_id = "1";
	Options.amount = Amount;
	return Client && Taken(TEXT("pay"), Client->Handle.submit_pay(Options));
}

bool UWxGameSubsystem::Acknowledge(uint64 DeliveryId)
{
	return Client && Taken(TEXT("ack"), Client->Handle.ack(DeliveryId));
}

bool UWxGameSubsystem::Tick(float)
{
	const auto Handle = [this](wxgame::completion Completion)
	{
		switch (Completion->kind)
		{
		case WXG_KIND_PAY:
		case WXG_KIND_RESOLVED:
		{
			FWxGamePayment Payment;
			Payment.BillNo = ToString(Completion->bill_no);
			Payment.OpenId = ToString(Completion->openid);
			Payment.Amount = Completion->amount;
			Payment.Outcome = Completion->outcome;
			Payment.Status = Completion->status;
			Payment.Errcode = Completion->errcode;
			Payment.Errmsg = ToString(Completion->errmsg);
			Payment.DeliveryId = Completion->delivery_id;
			OnPayment.Broadcast(Payment);
			break;
		}
		case WXG_KIND_SESSION_NEEDED:
			OnSessionNeeded.Broadcast(ToString(Completion->openid));
			break;
		case WXG_KIND_LOGIN:
			if (Completion->outcome == WXG_OUTCOME_DONE)
			{
				OnLogin.Broadcast(ToString(Completion->openid));
			}
			else
			{
				UE_LOG(LogWxGame, Warning, TEXT("login: %s"), *ToString(Completion->errmsg));
			}
			break;
		default: // docs/abi.md: an unknown kind is not for us
			break;
		}
	};
	const auto Ticked = Client->Handle.tick(Handle, CompletionsPerFrame);
	if (!Ticked)
	{
		UE_LOG(LogWxGame, Error, TEXT("tick: %s"), UTF8_TO_TCHAR(Ticked.error().message().data()));
	}
	return Ticked.has_value(); // false: no more ticks
}
