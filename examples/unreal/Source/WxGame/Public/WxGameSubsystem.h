#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "Subsystems/GameInstanceSubsystem.h"
#include "Templates/PimplPtr.h"

#include "WxGameSubsystem.generated.h"

/** What has become of a payment. Numbers are those of wxgame.h. */
struct FWxGamePayment
{
	FString BillNo;
	FString OpenId;
	int64 Amount = 0;
	/** WXG_OUTCOME_...: grant when it is WXG_OUTCOME_DONE; grant and deny nothing when it is WXG_OUTCOME_UNKNOWN. */
	uint32 Outcome = 0;
	/** WXG_OK, or why there is no answer about the payment. */
	int32 Status = 0;
	/** WeChat's, and its words. */
	int32 Errcode = 0;
	FString Errmsg;
	/** For Acknowledge; 0 where there is nothing to acknowledge yet. */
	uint64 DeliveryId = 0;
};

DECLARE_MULTICAST_DELEGATE_OneParam(FWxGameOnPayment, const FWxGamePayment&);
DECLARE_MULTICAST_DELEGATE_OneParam(FWxGameOnOpenId, const FString& /* OpenId */);

/** One client of wxgame. Everything is called, and told, on the game thread; nothing blocks a frame. */
UCLASS(Config = Game)
class WXGAME_API UWxGameSubsystem : public UGameInstanceSubsystem
{
	GENERATED_BODY()

public:
	virtual void Initialize(FSubsystemCollectionBase& Collection) override;
	virtual void Deinitialize() override;

	/** Answers to SubmitPay, final answers to what was unknown, and what has not been acknowledged. */
	FWxGameOnPayment OnPayment;
	/** A player has logged in. */
	FWxGameOnOpenId OnLogin;
	/** Payments of this player wait for a login: ask the game client for a js_code. */
	FWxGameOnOpenId OnSessionNeeded;

	/** False: refused at once, and logged. */
	bool SubmitLogin(const FString& JsCode);
	/** BillNo stands with the order in your database, from before. False: refused at once, and logged. */
	bool SubmitPay(const FString& BillNo, const FString& OpenId, int64 Amount);
	/** After the transaction that granted, or noted that there is nothing to grant. */
	bool Acknowledge(uint64 DeliveryId);

private:
	bool Tick(float DeltaTime);

	UPROPERTY(Config)
	FString AppId;
	UPROPERTY(Config)
	FString OfferId;
	UPROPERTY(Config)
	FString Journal;

	TPimplPtr<struct FWxGameClient> Client;
	FTSTicker::FDelegateHandle Ticker;
};
