package dev.caravan.control.flow;

import dev.caravan.config.Bandwidth;
import dev.caravan.control.Answers;
import dev.caravan.control.ApiFault;
import dev.caravan.control.Body;
import dev.caravan.control.Request;
import dev.caravan.remote.RateLimit;
import dev.caravan.remote.flow.Controls;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.move.MirroredRemote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The steps behind {@code /api/storage/bandwidth}; registered as the bean {@code bandwidth}. What
 * is set here holds until it is set again or Caravan ends.
 */
public final class BandwidthDoorSteps {

  private static final String DEFAULT = "default";

  private final RemoteRoster roster;

  public BandwidthDoorSteps(RemoteRoster roster) {
    this.roster = roster;
  }

  /** {@code GET /api/storage/bandwidth}. */
  public void show(Exchange exchange) {
    Request.of(exchange);
    answer(exchange);
  }

  /** {@code POST /api/storage/bandwidth}. */
  public void set(Exchange exchange) {
    Map<String, Body.Kind> fields = Map.of("limit", Body.Kind.TEXT, "remote", Body.Kind.TEXT);
    Body body = Request.of(exchange).body(fields);
    String limit =
        body.text("limit")
            .orElseThrow(
                () -> new ApiFault(422, "limit is missing: 10MiB/s, a timetable, off or default"));
    Optional<String> remote = body.text("remote");
    if (remote.isPresent() && roster.find(remote.get()).isEmpty()) {
      throw new ApiFault(422, "remote: no remote has the name '%s'".formatted(remote.get()));
    }
    Optional<Bandwidth> wanted = limit.equals(DEFAULT) ? Optional.empty() : parsed(limit);
    for (MirroredRemote each : roster.remotes()) {
      if (remote.isEmpty() || remote.get().equals(each.name())) {
        each.controls()
            .map(Controls::limit)
            .ifPresent(line -> line.set(limit.equals(DEFAULT) ? line.usual() : wanted));
      }
    }
    answer(exchange);
  }

  private static Optional<Bandwidth> parsed(String limit) {
    try {
      return Optional.of(Bandwidth.parse(limit));
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "limit: " + e.getMessage());
    }
  }

  private void answer(Exchange exchange) {
    List<Map<String, @Nullable Object>> remotes = new ArrayList<>();
    for (MirroredRemote each : roster.remotes()) {
      each.controls().ifPresent(controls -> remotes.add(view(each.name(), controls.limit())));
    }
    Answers.json(exchange, 200, Map.of("remotes", remotes));
  }

  private static Map<String, @Nullable Object> view(String name, RateLimit limit) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    OptionalLong now = limit.bytesPerSecond();
    view.put("name", name);
    view.put("limit", limit.bandwidth().map(Bandwidth::text).orElse("off"));
    view.put("default", limit.usual().map(Bandwidth::text).orElse("off"));
    view.put("bytes_per_second", now.isPresent() ? now.getAsLong() : null);
    return view;
  }
}
