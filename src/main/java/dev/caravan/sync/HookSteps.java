package dev.caravan.sync;

import dev.caravan.catalog.RunView;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.sync.plan.SyncAction;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * What a hook is handed: a body of plain maps, lists, texts and numbers, which any JSON library can
 * write, and the most wanted of it as headers, so that a line of YAML can use it. Documented in
 * docs/routes.md; names stay.
 */
final class HookSteps {

  private static final String PREFIX = "CamelCaravan";

  private HookSteps() {}

  /** A run, in the shape of the API. */
  static void tellRun(Message message, Map<String, @Nullable Object> run) {
    RunView.headers(run).forEach(message::setHeader);
    message.setBody(run);
  }

  /** What became of one file at one remote. */
  static void tellFile(Message message, RunId run, SyncAction action, SyncOutcome outcome) {
    String state = outcome.state().label();
    message.setHeader(PREFIX + "RunId", run.value());
    message.setHeader(PREFIX + "Operation", Operation.SYNC.label());
    message.setHeader(PREFIX + "State", state);
    message.setHeader(PREFIX + "StorePath", outcome.path().value());
    message.setHeader(PREFIX + "Remote", outcome.remote());
    Map<String, @Nullable Object> file = new LinkedHashMap<>();
    file.put("run_id", run.value());
    file.put("path", outcome.path().value());
    file.put("remote", outcome.remote());
    file.put("state", state);
    file.put("reason", action.reason().label());
    file.put("size", action.row().file().sizeBytes());
    file.put("error", outcome.error().orElse(null));
    message.setBody(file);
  }
}
