package dev.caravan.control;

import dev.caravan.event.Event;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import dev.caravan.json.Json;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Events that follow one another, as they go over the line.
 *
 * @param after the event before the first of them
 * @param last the last of them, whether or not the listener wanted it; {@code after} when nothing
 *     has happened since
 * @param lost true when what came after {@code after} is no longer held
 * @param frames what to send; may be empty
 */
record EventPortion(long after, long last, boolean lost, Buffer frames) {

  static final int EVENTS_MAX = 512;

  static EventPortion read(EventBus bus, long after, Optional<RunId> only, int most) {
    EventBus.Portion found = bus.read(after, most);
    StringBuilder text = new StringBuilder();
    long last = after;
    for (Event event : found.events()) {
      last = event.id();
      if (only.isEmpty() || only.equals(event.run())) {
        append(text, event);
      }
    }
    return new EventPortion(
        after, last, found.lost(), Buffer.buffer(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** JSON has no line ends outside its strings, and none inside them: one line each. */
  private static void append(StringBuilder text, Event event) {
    text.append("id: ").append(event.id());
    text.append("\nevent: ").append(event.kind());
    text.append("\ndata: ").append(Json.write(event.fields())).append("\n\n");
  }
}
