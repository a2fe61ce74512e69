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
        "{\"paths\": [\"a/b\"]} | 501",
        "{\"paths\": [\"a\"], \"from\": \"s3\", \"as_of\": \"2026-11-21T03:28:00Z\"} | 501",
        "{} | 422",
        "{\"paths\": []} | 422",
        "{\"paths\": \"a\"} | 422",
        "{\"paths\": [\"a\", 7]} | 422",
        "{\"paths\": [\"a\", [\"b\"]]} | 422",
        "{\"paths\": [\"../etc/passwd\"]} | 422",
        "{\"paths\": [\"/etc/passwd\"]} | 422",
        "{\"paths\": [\"a\\u0000\"]} | 422",
        "{\"paths\": [\"a\"], \"as_of\": \"yesterday\"} | 422",
        "{\"paths\": [\"a\"} | 400",
      })
  void aRestoreIsChecked(String body, int status) throws Exception {
    refused(later::restore, "/api/storage/restore", body, status);
  }

  @Test
  void aCheckAndAReadAreChecked() throws Exception {
    refused(later::check, "/api/storage/check", "{\"mode\": \"hash\", \"repair\": true}", 501);
    refused(later::check, "/api/storage/check", "{}", 422);
    refused(later::check, "/api/storage/check", "{\"mode\": \"deep\"}", 422);
    refused(later::read, "/api/read", "{\"path\": \"a\"}", 501);
    refused(later::read, "/api/read", "{}", 422);
    refused(later::read, "/api/read", "{\"path\": \"a/../../b\"}", 422);
  }

  @ParameterizedTest
  @CsvSource({
    "a/b, 501",
    "a%20b, 501",
    "..a/b.., 501",
    "a/../b, 422",
    "%2e%2e/b, 422",
    "..%2f..%2fetc%2fpasswd, 422",
    "%2e%2e%2fb, 422",
    "/etc/passwd, 422",
    "a//b, 422",
    "a/, 422",
    "a%00b, 422",
    "%c0%ae%c0%ae/b, 400",
    "%e0%80%af, 400",
    "%ff, 400",
    "a%2, 400",
    "a%u0041, 400",
  })
  void thePathOfAFileLeadsNowhereElse(String path, int status) throws Exception {
    refused(later::content, "/api/files/" + path, "", status);
  }
}
