package shop

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
)

// Push is what a receiver gets: a body and its signature.
type Push struct {
	Body      []byte
	Signature string
}

func TestAThinEventLeadsToItsPerson(t *testing.T) {
	carabiner := Start(t)
	received := make(chan Push, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- Push{body, r.Header.Get("Stripe-Signature")}
	}))
	defer receiver.Close()

	ctx := context.Background()
	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: stripe.String(carabiner.URL)})
	client := stripe.NewClient(key, stripe.WithBackends(backends))
	destination, err := client.V2CoreEventDestinations.Create(ctx, &stripe.V2CoreEventDestinationCreateParams{
		Name:            stripe.String("persons"),
		Type:            stripe.String("webhook_endpoint"),
		EventPayload:    stripe.String("thin"),
		EnabledEvents:   stripe.StringSlice([]string{"v2.core.account_person.created"}),
		Include:         stripe.StringSlice([]string{"webhook_endpoint.signing_secret"}),
		WebhookEndpoint: &stripe.V2CoreEventDestinationCreateWebhookEndpointParams{URL: stripe.String(receiver.URL)},
	})
	if err != nil {
		t.Fatal(err)
	}
	account, err := client.V1Accounts.Create(ctx, &stripe.AccountCreateParams{Type: stripe.String("custom"), BusinessType: stripe.String("company")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.V2CoreAccountsPersons.Create(ctx, &stripe.V2CoreAccountsPersonCreateParams{
		AccountID: stripe.String(account.ID),
		GivenName: stripe.String("Jenny"),
	}); err != nil {
		t.Fatal(err)
	}

	select {
	case push := <-received:
		parsed, err := client.ParseEventNotification(push.Body, push.Signature, destination.WebhookEndpoint.SigningSecret)
		if err != nil {
			t.Fatal(err)
		}
		notification, ok := parsed.(*stripe.V2CoreAccountPersonCreatedEventNotification)
		if !ok {
			t.Fatalf("another type: %T", parsed)
		}
		event, err := notification.FetchEvent(ctx)
		if err != nil || event.Data.AccountID != account.ID {
			t.Fatalf("the event is not of %s: %v", account.ID, err)
		}
		person, err := notification.FetchRelatedObject(ctx)
		if err != nil || person.GivenName != "Jenny" {
			t.Fatalf("the person is not Jenny: %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was received")
	}
}
