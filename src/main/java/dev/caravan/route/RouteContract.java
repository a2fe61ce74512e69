package dev.caravan.route;

import dev.caravan.config.Settings;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The public endpoints: what a person's own route may call, replace or listen to. Each must have
 * exactly one consumer once all routes are loaded. A hyphen is public, a dot is private: {@code
 * direct:sync.item} is nobody's business.
 */
public enum RouteContract {
  SYNC_REQUEST("seda", "wakes the sync; requests that wait fold into one", "anything", "nothing"),
  SYNC_RUN("direct", "one sync cycle, from the plan to the record", "a request", "the run"),
  PURGE_REQUEST("seda", "wakes the purge; requests that wait fold into one", "anything", "nothing"),
  PURGE_RUN("direct", "one purge, from the look at the disk to the record", "a request", "the run"),
  RESTORE_RUN("direct", "brings files back, from the list to the record", "paths", "the run"),
  READ_FILE("direct", "makes one file local and reads it", "its path", "its content"),
  CHECK_RUN("direct", "compares what is where, from the list to the record", "mode", "the run"),
  HOOK_SYNC_BEGIN("direct", "a place for steps before a sync cycle plans", "the run", "ignored"),
  HOOK_SYNC_END("direct", "a place for steps after a sync cycle", "the run", "ignored"),
  HOOK_FILE_UPLOADED("direct", "a place for steps after a proven upload", "the file", "ignored"),
  HOOK_FILE_FAILED("direct", "a place for steps after an item failed", "the file", "ignored"),
  HOOK_PURGE_END("direct", "a place for steps after a purge", "the run", "ignored"),
  HOOK_RUN_ENDED("direct", "a place for steps after any run has ended", "the run", "ignored"),
  ON_EVENT("direct", "a place for steps after anything has happened", "the event", "ignored"),
  NOTIFY("direct", "tells people; a webhook where one is configured", "the alert", "ignored");

  private final String scheme;
  private final String purpose;
  private final String bodyIn;
  private final String bodyOut;

  RouteContract(String scheme, String purpose, String bodyIn, String bodyOut) {
    this.scheme = scheme;
    this.purpose = purpose;
    this.bodyIn = bodyIn;
    this.bodyOut = bodyOut;
  }

  /** The route's id, which is also the endpoint's name: {@code sync-run}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As written in a route file, without options: {@code direct:sync-run}. */
  public String uri() {
    return scheme + ":" + id();
  }

  /** True for endpoints whose bundled route steps back where a file of the user's serves them. */
  public static boolean gives(String uri) {
    return uri.equals(NOTIFY.uri()) || uri.equals(ON_EVENT.uri());
  }

  /** Where runs begin. */
  public static List<String> runs() {
    return List.of(SYNC_REQUEST.uri(), SYNC_RUN.uri(), PURGE_REQUEST.uri(), PURGE_RUN.uri());
  }

  public static boolean isPublic(String uri) {
    return Arrays.stream(values()).anyMatch(each -> each.uri().equals(uri));
  }

  /** What turns wishes into runs: nobody needs it in one run without a daemon. */
  public static boolean isQueue(String uri) {
    return uri.startsWith("seda:");
  }

  /** Ids of bundled routes that have nothing to do with these settings: not to be started. */
  public static Set<String> idle(Settings settings) {
    Set<String> idle = new HashSet<>();
    if (settings.archives().isEmpty()) {
      idle.add("archive.schedule");
    }
    if (!settings.dgraph().isWanted()) {
      idle.addAll(List.of("dgraph.schedule", "dgraph.export"));
    }
    return idle;
  }

  /** The bundled file that serves it. */
  public String home() {
    if (this == NOTIFY) {
      return "alerts.camel.yaml";
    }
    if (this == ON_EVENT) {
      return "events.camel.yaml";
    }
    if (this == RESTORE_RUN || this == READ_FILE) {
      return "restore.camel.yaml";
    }
    if (this == CHECK_RUN) {
      return "check.camel.yaml";
    }
    if (id().startsWith("hook-")) {
      return "hooks.camel.yaml";
    }
    return id().startsWith("purge-") ? "purge.camel.yaml" : "sync.camel.yaml";
  }

  /** What it is for, to follow "is". */
  public String purpose() {
    return purpose;
  }

  /** What the message's body holds when the endpoint is called. */
  public String bodyIn() {
    return bodyIn;
  }

  /** What the body holds afterwards. */
  public String bodyOut() {
    return bodyOut;
  }
}
