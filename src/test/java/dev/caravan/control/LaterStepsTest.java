package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be done yet is refused as such, but only when it is asked for in a proper way. */
class LaterStepsTest {

  private final LaterSteps later = new LaterSteps();

  /** One step. */
  private interface Step {
    void run(Exchange exchange);
  }

  private static void refused(Step step, String path, String body, int status) throws Exception {
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      Exchange exchange = new DefaultExchange(camel);
      exchange.getMessage().setHeader(Exchange.HTTP_PATH, path);
      exchange.getMessage().setHeader("Content-Type", "application/json; charset=utf-8");
      exchange.getMessage().setBody(body);
      assertThatThrownBy(() -> step.run(exchange))
          .as("%s %s", path, body)
          .isInstanceOfSatisfying(
              ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(status))
          .hasMessageNotContaining("Exception");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 501",
        "{\"dry_run\": true, \"target_free_bytes\": 5, \"older_than\": \"30d\"} | 501",
        "{\"target_free_bytes\": -1} | 422",
        "{\"target_free_bytes\": 1.5} | 422",
        "{\"target_free_bytes\": 99999999999999999999} | 422",
        "{\"target_free_bytes\": \"5\"} | 422",
        "{\"older_than\": \"30 parsecs\"} | 422",
        "{\"older_than\": \"\"} | 422",
        "{\"older_then\": \"30d\"} | 422",
      })
  void aPurgeIsChecked(String body, int status) throws Exception {
    refused(later::purge, "/api/storage/purge", body, status);
  }

  @Test
  void aCheckIsChecked() throws Exception {
    refused(later::check, "/api/storage/check", "{\"mode\": \"hash\", \"repair\": true}", 501);
    refused(later::check, "/api/storage/check", "{}", 422);
    refused(later::check, "/api/storage/check", "{\"mode\": \"deep\"}", 422);
  }
}
