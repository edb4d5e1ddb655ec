<?php

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Carabiner.php';

final class ConnectTest extends TestCase
{
    private Carabiner $carabiner;

    protected function setUp(): void
    {
        $this->carabiner = new Carabiner();
    }

    protected function tearDown(): void
    {
        $this->carabiner->stop();
    }

    public function testAnAccountThatIsUpdatedSaysSo(): void
    {
        $client = $this->carabiner->client();
        $account = $client->accounts->create(['type' => 'custom', 'country' => 'US']);
        $client->accounts->update($account->id, ['metadata' => ['plan' => 'gold']]);
        $this->carabiner->advance(3 * 24 * 3600);

        $events = $client->events->all(['type' => 'account.updated'], ['stripe_account' => $account->id]);
        $this->assertSame([$account->id], array_map(fn ($event) => $event->account, $events->data));
    }

    public function testAListHasFurtherPages(): void
    {
        $client = $this->carabiner->client();
        $made = [];
        for ($i = 0; $i < 3; $i++) $made[] = $client->accounts->create(['type' => 'custom', 'country' => 'US'])->id;

        $listed = [];
        foreach ($client->accounts->all(['limit' => 2])->autoPagingIterator() as $account) $listed[] = $account->id;
        $this->assertEqualsCanonicalizing($made, $listed);
    }
}
