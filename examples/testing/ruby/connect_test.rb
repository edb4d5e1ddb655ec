require "json"
require "minitest/autorun"
require "net/http"
require "stripe"

KEY = "sk_test_carabinerForLocalTesting"

# A server of its own, in memory, on a free port.
class Carabiner
  attr_reader :url

  def initialize
    @output = IO.popen(["carabiner", "dev", "--port", "0", "--json", "--log-level", "error"])
    # The first line says that it is ready, and where.
    @url = JSON.parse(@output.gets).fetch("url")
  end

  # Turns the clock, and returns when everything due on the way has happened.
  def advance(seconds)
    uri = URI("#{@url}/v1/test_helpers/clock/advance")
    answer = Net::HTTP.post(uri, URI.encode_www_form(seconds: seconds), "Authorization" => "Bearer #{KEY}")
    raise answer.body unless answer.is_a?(Net::HTTPSuccess)
  end

  # The official SDK, pointed at it. It asks for further pages of a list, and for OAuth, at the module's own addresses.
  def client
    Stripe.api_base = Stripe.connect_base = @url
    Stripe::StripeClient.new(KEY, api_base: @url, connect_base: @url, uploads_base: @url)
  end

  def stop
    Process.kill("TERM", @output.pid)
    @output.close
  end
end

class ConnectTest < Minitest::Test
  def setup
    @carabiner = Carabiner.new
  end

  def teardown
    @carabiner.stop
  end

  def test_an_account_that_is_updated_says_so
    client = @carabiner.client
    account = client.v1.accounts.create({ type: "custom", country: "US" })
    client.v1.accounts.update(account.id, { metadata: { plan: "gold" } })
    @carabiner.advance(3 * 24 * 3600)

    events = client.v1.events.list({ type: "account.updated" }, { stripe_account: account.id })
    assert_equal [account.id], events.data.map(&:account)
  end

  def test_a_list_has_further_pages
    client = @carabiner.client
    made = Array.new(3) { client.v1.accounts.create({ type: "custom", country: "US" }).id }
    assert_equal made.sort, client.v1.accounts.list({ limit: 2 }).auto_paging_each.map(&:id).sort
  end
end
