def test_an_account_that_is_updated_says_so(carabiner, client):
    account = client.v1.accounts.create({"type": "custom", "country": "US"})
    client.v1.accounts.update(account.id, {"metadata": {"plan": "gold"}})
    carabiner.advance(3 * 24 * 3600)

    events = client.v1.events.list({"type": "account.updated"}, {"stripe_account": account.id})
    assert [event.account for event in events.data] == [account.id]
