package dev.caravan.alert;

import dev.caravan.config.AlertSettings;
import dev.caravan.config.Secret;
import dev.caravan.json.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Posts alerts to {@code alerts.webhook_url}; without one it does nothing. */
final class Webhook {

  private static final String ALGORITHM = "HmacSHA256";

  private final AlertSettings settings;
  private final Web web;
  private final Clock clock;

  Webhook(AlertSettings settings, Web web, Clock clock) {
    this.settings = settings;
    this.web = web;
    this.clock = clock;
  }

  void post(Map<String, ?> alert) throws DeliveryException, InterruptedException {
    Optional<URI> address = settings.webhookUrl();
    if (address.isEmpty()) {
      return;
    }
    String body = body(alert);
    Map<String, String> headers = new LinkedHashMap<>();
    if (alert.get("id") instanceof String id) {
      headers.put("Idempotency-Key", id);
    }
    settings.webhookSecret().ifPresent(secret -> headers.putAll(signature(secret, body)));
    web.post(address.get(), body, headers);
  }

  private String body(Map<String, ?> alert) {
    Map<String, ?> shown =
        switch (settings.webhookFormat()) {
          case SLACK -> Map.of("text", String.valueOf(alert.get("text")));
          case JSON -> alert;
        };
    return Json.write(shown);
  }

  /** The time is signed as well, so that nobody can send an old alert again. */
  private Map<String, String> signature(Secret secret, String body) {
    String time = Long.toString(clock.instant().getEpochSecond());
    byte[] key = secret.reveal().getBytes(StandardCharsets.UTF_8);
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      byte[] sum = mac.doFinal((time + "." + body).getBytes(StandardCharsets.UTF_8));
      return Map.of(
          "X-Caravan-Timestamp",
          time,
          "X-Caravan-Signature",
          "sha256=" + HexFormat.of().formatHex(sum));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no " + ALGORITHM, e);
    }
  }
}
