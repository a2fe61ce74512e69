package dev.caravan.config;

import java.net.URI;
import java.util.Optional;

/** Whom to tell. */
public record AlertSettings(
    @Setting(
            "POST here after consecutive failures of one job, when a halt waits, and once on"
                + " recovery.")
        Optional<URI> webhookUrl,
    @Setting(
            value = "What is posted: {\"text\": ...} as chat services want it, or all fields.",
            def = "slack")
        Format webhookFormat,
    @Setting("Signs what is posted: X-Caravan-Signature, HMAC-SHA256 of timestamp, dot and body.")
        Optional<Secret> webhookSecret,
    @Setting(value = "How many failures in a row raise an alert.", def = "3", min = 1)
        int maxConsecutiveErrors,
    @Setting("Dead-man ping: GET /start, the plain URL on success, /fail.") Optional<URI> pingUrl,
    @Setting(
            value = "Add rid= to pings, a UUID of the run, which ties its start to its end.",
            def = "false")
        boolean pingRunId) {

  /** What a webhook is sent. */
  public enum Format {
    SLACK,
    JSON
  }

  /** The hosts alone: the rest of such addresses is often their password. */
  @Override
  public String toString() {
    return "AlertSettings[webhookUrl="
        + webhookUrl.map(URI::getHost)
        + ", webhookFormat="
        + webhookFormat
        + ", maxConsecutiveErrors="
        + maxConsecutiveErrors
        + ", pingUrl="
        + pingUrl.map(URI::getHost)
        + ", pingRunId="
        + pingRunId
        + "]";
  }
}
