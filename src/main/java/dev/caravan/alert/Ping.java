package dev.caravan.alert;

import dev.caravan.config.AlertSettings;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Tells a watchdog of begins and ends, by asking for addresses below {@code alerts.ping_url}. */
final class Ping {

  private final AlertSettings settings;
  private final Web web;

  Ping(AlertSettings settings, Web web) {
    this.settings = settings;
    this.web = web;
  }

  void send(Message message) throws DeliveryException, InterruptedException {
    if (settings.pingUrl().isPresent()) {
      web.get(address(settings.pingUrl().get(), message));
    }
  }

  private URI address(URI base, Message message) {
    String below =
        switch (message.kind()) {
          case START -> "/start";
          case FAIL -> "/fail";
          case SUCCESS, FAILING, HALTED, RECOVERED, ARCHIVE_GIVEN_UP, ARCHIVE_BLOCKED -> "";
        };
    String text = base.toString();
    int question = text.indexOf('?');
    String path = question < 0 ? text : text.substring(0, question);
    String query = question < 0 ? "" : text.substring(question);
    if (!below.isEmpty() && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (settings.pingRunId()) {
      query += (query.isEmpty() ? "?" : "&") + "rid=" + uuidOf(message);
    }
    return URI.create(path + below + query);
  }

  /** Watchdogs want a UUID; the same run always has the same. */
  private static UUID uuidOf(Message message) {
    String run = String.valueOf(message.body().get("run_id"));
    return UUID.nameUUIDFromBytes(run.getBytes(StandardCharsets.UTF_8));
  }
}
