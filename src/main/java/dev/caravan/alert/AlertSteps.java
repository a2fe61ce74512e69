package dev.caravan.alert;

import java.util.Map;
import org.apache.camel.Body;

/** The steps that {@code direct:notify} is made of; registered as the bean {@code alerts}. */
public final class AlertSteps {

  private final Webhook webhook;

  AlertSteps(Webhook webhook) {
    this.webhook = webhook;
  }

  /** Posts the alert to {@code alerts.webhook_url}; does nothing where that is not set. */
  public void post(@Body Map<String, ?> alert) throws DeliveryException, InterruptedException {
    webhook.post(alert);
  }
}
