package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.stripe.net.RequestOptions;
import com.stripe.param.AccountCreateParams;
import com.stripe.param.AccountUpdateParams;
import com.stripe.param.EventListParams;
import org.junit.jupiter.api.Test;

final class ConnectTest {
  @Test
  void anAccountThatIsUpdatedSaysSo() throws Exception {
    try (var carabiner = new Carabiner()) {
      var client = carabiner.client();
      var account =
          client.accounts().create(AccountCreateParams.builder().setType(AccountCreateParams.Type.CUSTOM).setCountry("US").build());
      client.accounts().update(account.getId(), AccountUpdateParams.builder().putMetadata("plan", "gold").build());
      carabiner.advance(3 * 24 * 3600);

      var asAccount = RequestOptions.builder().setStripeAccount(account.getId()).build();
      var events = client.events().list(EventListParams.builder().setType("account.updated").build(), asAccount);
      assertEquals(1, events.getData().size());
      assertEquals(account.getId(), events.getData().get(0).getAccount());
    }
  }
}
