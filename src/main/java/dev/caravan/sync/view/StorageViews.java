package dev.caravan.sync.view;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileView;
import dev.caravan.catalog.FileViews;
import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.config.Settings;
import dev.caravan.event.Operation;
import dev.caravan.remote.flow.FlowState;
import dev.caravan.store.StoreTree;
import dev.caravan.store.room.DiskSpace;
import dev.caravan.store.watch.WatchState;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.Sync;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the store, the mirror and the files look like from outside. */
public final class StorageViews {

  private final Settings settings;
  private final Catalog catalog;
  private final StoreTree tree;
  private final Sync sync;
  private final Clock clock;
  private final Supplier<Optional<WatchState>> watch;

  public StorageViews(Settings settings, Catalog catalog, StoreTree tree, Sync sync, Clock clock) {
    this(settings, catalog, tree, sync, clock, Optional::empty);
  }

  /**
   * The same where the store is watched.
   *
   * @param watch how well; empty where it is not
   */
  public StorageViews(
      Settings settings,
      Catalog catalog,
      StoreTree tree,
      Sync sync,
      Clock clock,
      Supplier<Optional<WatchState>> watch) {
    this.watch = watch;
    this.settings = settings;
    this.catalog = catalog;
    this.tree = tree;
    this.sync = sync;
    this.clock = clock;
  }

  /** {@code GET /api/storage}. */
  public Map<String, @Nullable Object> storage() {
    Map<Integer, String> names = sync.roster().names();
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("store", store());
    view.put("files", fileCounts(names));
    List<Map<String, @Nullable Object>> remotes = new ArrayList<>();
    for (RemoteRoster.Entry entry : sync.roster().entries()) {
      remotes.add(remote(entry));
    }
    view.put("remotes", remotes);
    view.put("next_sync_at", nextSync());
    view.put("paused", sync.schedule().isPaused());
    view.put("halted", catalog.halts().findOpen().map(StorageViews::halt).orElse(null));
    return view;
  }

  private Map<String, @Nullable Object> store() {
    Map<String, @Nullable Object> store = new LinkedHashMap<>();
    store.put("path", settings.store().path().toString());
    Optional<DiskSpace> space = tree.findSpace();
    store.put("free_bytes", space.map(DiskSpace::freeBytes).orElse(null));
    store.put("total_bytes", space.map(DiskSpace::totalBytes).orElse(null));
    store.put("min_free_bytes", (long) (settings.storage().minFreeGb() * (1L << 30)));
    store.put("watch", watch.get().map(WatchState::view).orElse(null));
    return store;
  }

  private Map<String, @Nullable Object> fileCounts(Map<Integer, String> names) {
    long total = 0;
    long bytes = 0;
    Map<String, Long> files = new LinkedHashMap<>();
    for (FileViews.Count count : catalog.views().count(names)) {
      total += count.files();
      bytes += count.bytes();
      files.put(count.state(), count.files());
    }
    long oldest =
        names.keySet().stream()
            .map(catalog.views()::oldestPendingMillis)
            .flatMap(Optional::stream)
            .min(Long::compareTo)
            .orElse(0L);
    long purged = files.getOrDefault("purged", 0L);
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("total", total);
    view.put("bytes", bytes);
    view.put("local", total - purged);
    view.put("purged", purged);
    view.put("pending", files.getOrDefault("local", 0L));
    view.put("failed", files.getOrDefault("failed", 0L));
    view.put("oldest_pending_age_s", oldest == 0 ? 0 : ageSeconds(oldest));
    return view;
  }

  private long ageSeconds(long millis) {
    return Math.max(0, (clock.millis() - millis) / 1_000);
  }

  private Map<String, @Nullable Object> remote(RemoteRoster.Entry entry) {
    RemoteRow row = entry.row();
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("name", row.name());
    view.put("provider", entry.remote().remote().provider());
    view.put("identity", row.identity());
    view.put("state", state(row));
    view.put("error", row.error().orElse(null));
    view.put("last_sync", row.lastSync().map(StorageViews::lastSync).orElse(null));
    view.put("verified", catalog.views().countVerified(row.id()));
    view.put("pending", catalog.views().countPending(row.id()));
    view.put(
        "oldest_proof_age_s",
        catalog.views().oldestProofMillis(row.id()).map(this::ageSeconds).orElse(null));
    view.put("abilities", entry.remote().facts().orElse(null));
    view.put("retry_at", RunView.time(row.failures() > 0 ? row.retryAtMillis() : 0));
    view.put("paused", entry.remote().isHeld());
    view.put("busy", entry.remote().isBusy());
    view.put("flow", entry.remote().controls().map(each -> flow(each.flow().state())).orElse(null));
    return view;
  }

  private static Map<String, @Nullable Object> flow(FlowState state) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("window", state.window());
    view.put("usual", state.usual());
    view.put("ceiling", state.ceiling());
    view.put("in_flight", state.inFlight());
    view.put("breaker", state.breaker());
    view.put("left_alone_s", state.left().toSeconds());
    return view;
  }

  private static String state(RemoteRow row) {
    if (row.failures() > 0) {
      return "failed";
    }
    return row.lastSync().isPresent() ? "ok" : "new";
  }

  private static Map<String, @Nullable Object> lastSync(RemoteRow.LastSync last) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("run_id", last.runId());
    view.put("state", last.state());
    view.put("started_at", RunView.time(last.beginMillis()));
    view.put("ended_at", RunView.time(last.endMillis()));
    view.put("uploaded", last.uploaded());
    view.put("bytes", last.bytes());
    return view;
  }

  private static Map<String, @Nullable Object> halt(HaltRow halt) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("kind", halt.kind());
    view.put("reason", halt.message());
    view.put("run_id", halt.runId());
    view.put("since", RunView.time(halt.begunMillis()));
    view.put("approved", halt.approved());
    return view;
  }

  private @Nullable String nextSync() {
    if (sync.schedule().isPaused() || sync.roster().remotes().isEmpty()) {
      return null;
    }
    return sync.schedule().next().map(at -> RunView.time(at.toEpochMilli())).orElse(null);
  }

  /** {@code GET /api/storage/sync}. */
  public Map<String, @Nullable Object> sync() {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    Map<Integer, String> names = sync.roster().names();
    view.put("configured", !sync.roster().remotes().isEmpty());
    view.put("remotes", List.copyOf(names.values()));
    view.put("sync_interval", settings.storage().syncInterval().toSeconds());
    view.put("last", catalog.runs().findLastEnded(Operation.SYNC).map(this::lastRun).orElse(null));
    view.put("next_eta", nextSync());
    view.put(
        "bytes", catalog.views().count(names).stream().mapToLong(FileViews.Count::bytes).sum());
    return view;
  }

  private Map<String, @Nullable Object> lastRun(RunRow run) {
    Map<String, @Nullable Object> all = RunView.of(run);
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("run_id", run.id().value());
    view.put("state", run.state().label());
    view.put("ended_at", all.get("ended_at"));
    view.put("error", run.error().orElse(null));
    view.put("files", all.get("counts") instanceof Map<?, ?> counts ? counts.get("uploaded") : 0);
    view.put("bytes", all.get("bytes"));
    return view;
  }

  /**
   * {@code GET /api/files}.
   *
   * @throws IllegalArgumentException when the cursor is none
   */
  public Map<String, @Nullable Object> files(
      String prefix, Optional<String> state, String cursor, int limit) {
    String after = Cursor.read(Cursor.Of.FILES, cursor).orElse("");
    List<FileView> rows =
        catalog.views().list(sync.roster().names(), prefix, state, after, limit + 1);
    List<Map<String, @Nullable Object>> files = new ArrayList<>();
    rows.stream().limit(limit).forEach(row -> files.add(file(row)));
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("files", files);
    view.put(
        "next_cursor",
        rows.size() > limit ? Cursor.after(Cursor.Of.FILES, rows.get(limit - 1).path()) : null);
    return view;
  }

  private static Map<String, @Nullable Object> file(FileView row) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("path", row.path());
    view.put("size", row.sizeBytes());
    view.put("modified_at", RunView.time(Math.floorDiv(row.modifiedNs(), 1_000_000L)));
    view.put("state", row.state());
    view.put("sha256", row.sha256().orElse(null));
    Map<String, @Nullable Object> remotes = new LinkedHashMap<>();
    row.copies().forEach((name, copy) -> remotes.put(name, copy(copy)));
    view.put("remotes", remotes);
    return view;
  }

  private static Map<String, @Nullable Object> copy(FileView.CopyView copy) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("state", copy.state());
    view.put("verified_at", RunView.time(copy.verifiedMillis()));
    copy.reason().ifPresent(reason -> view.put("error", reason));
    return view;
  }

  /**
   * {@code GET /api/inventory}.
   *
   * @throws IllegalArgumentException when the cursor is none
   */
  public Map<String, @Nullable Object> inventory(String cursor, int limit) {
    List<FileViews.Folder> folders =
        catalog.views().folders(Cursor.read(Cursor.Of.FOLDERS, cursor), limit + 1);
    List<Map<String, @Nullable Object>> datasets = new ArrayList<>();
    folders.stream().limit(limit).forEach(folder -> datasets.add(dataset(folder)));
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("datasets", datasets);
    view.put(
        "next_cursor",
        folders.size() > limit
            ? Cursor.after(Cursor.Of.FOLDERS, folders.get(limit - 1).path())
            : null);
    return view;
  }

  private static Map<String, @Nullable Object> dataset(FileViews.Folder folder) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("path", folder.path());
    view.put("files", folder.files());
    view.put("bytes", folder.bytes());
    view.put("local", folder.local());
    view.put("purged", folder.purged());
    view.put("oldest", RunView.time(Math.floorDiv(folder.oldestNs(), 1_000_000L)));
    view.put("newest", RunView.time(Math.floorDiv(folder.newestNs(), 1_000_000L)));
    return view;
  }

  /** One item of a run. */
  public static Map<String, @Nullable Object> item(ItemRow row) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("path", row.path());
    view.put("remote", row.remote().orElse(null));
    view.put("action", row.action());
    view.put("reason", row.reason());
    view.put("state", row.state());
    view.put("size", row.sizeBytes() < 0 ? null : row.sizeBytes());
    view.put("message", row.message().orElse(null));
    return view;
  }
}
