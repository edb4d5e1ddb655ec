package shop

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/client"
)

const key = "sk_test_carabinerForLocalTesting"

// Carabiner is a server of its own, in memory, on a free port.
type Carabiner struct{ URL string }

// Start starts one, and stops it when the test ends.
func Start(t *testing.T) *Carabiner {
	t.Helper()
	command := exec.Command("carabiner", "dev", "--port", "0", "--json", "--log-level", "error")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	})
	// The first line says that it is ready, and where.
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ready struct{ URL string }
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	return &Carabiner{URL: ready.URL}
}

// Advance turns the clock, and returns when everything due on the way has happened.
func (c *Carabiner) Advance(t *testing.T, seconds int) {
	t.Helper()
	form := url.Values{"seconds": {strconv.Itoa(seconds)}}.Encode()
	request, err := http.NewRequest("POST", c.URL+"/v1/test_helpers/clock/advance", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("the clock answered %s", response.Status)
	}
}

// Client is the official SDK, pointed at it.
func (c *Carabiner) Client() *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(c.URL)})
	return client.New(key, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

func TestAnAccountThatIsUpdatedSaysSo(t *testing.T) {
	carabiner := Start(t)
	api := carabiner.Client()
	account, err := api.Accounts.New(&stripe.AccountParams{Type: stripe.String("custom"), Country: stripe.String("US")})
	if err != nil {
		t.Fatal(err)
	}
	update := &stripe.AccountParams{}
	update.AddMetadata("plan", "gold")
	if _, err := api.Accounts.Update(account.ID, update); err != nil {
		t.Fatal(err)
	}
	carabiner.Advance(t, 3*24*3600)

	list := &stripe.EventListParams{Type: stripe.String("account.updated")}
	list.SetStripeAccount(account.ID)
	events := api.Events.List(list)
	if !events.Next() || events.Event().Account != account.ID {
		t.Fatalf("no account.updated of %s: %v", account.ID, events.Err())
	}
}
