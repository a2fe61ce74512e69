package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.upload.CutTable;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.MirroredRemote.Hold;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The configured remotes, matched with what the catalog knows of them. */
public final class RemoteRoster {

  private static final String ENROLLED = "enrolled_remotes";
  private static final String HELD = "held_remotes";

  private final List<MirroredRemote> remotes;
  private final Catalog catalog;
  private final Clock clock;

  public RemoteRoster(List<MirroredRemote> remotes, Catalog catalog, Clock clock) {
    this.remotes = List.copyOf(remotes);
    this.catalog = catalog;
    this.clock = clock;
  }

  public List<MirroredRemote> remotes() {
    return remotes;
  }

  /** The configured remote of this name. */
  public Optional<MirroredRemote> find(String name) {
    return remotes.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** Holds a remote or lets it go, also after a restart. */
  synchronized void hold(String name, Hold wanted) {
    find(name).orElseThrow().hold(wanted);
    Stream<String> held =
        remotes.stream().filter(each -> each.hold() != Hold.NONE).map(MirroredRemote::name);
    String names = held.collect(Collectors.joining("\n"));
    catalog.commit(session -> catalog.recordMeta(session, HELD, names));
  }

  private void recallHeld() {
    for (String name : catalog.findMeta(HELD).orElse("").split("\n")) {
      find(name).ifPresent(each -> each.hold(Hold.PAUSED));
    }
  }

  /** A configured remote and its row. */
  public record Entry(MirroredRemote remote, RemoteRow row) {}

  /** Makes a row for a remote that is new, and forgets what was known of one that moved. */
  public void enrol() {
    recallHeld();
    List<String> before = List.of(catalog.findMeta(ENROLLED).orElse("").split("\n"));
    forgetUploads();
    for (MirroredRemote each : remotes) {
      String identity = each.remote().identity();
      Optional<RemoteRow> known = catalog.remotes().find(each.name());
      if (known.isEmpty()) {
        catalog.commit(
            session -> {
              catalog.remotes().insert(session, each.name(), identity);
              int id = catalog.remotes().find(session, each.name()).orElseThrow().id();
              catalog.copies().recordAllPending(session, id, clock.millis());
            });
      } else if (!known.get().identity().equals(identity)) {
        int id = known.get().id();
        catalog.commit(
            session -> {
              catalog.remotes().recordMoved(session, id, identity);
              catalog.copies().recordAllUnknown(session, id, clock.millis());
              catalog.copies().recordAllPending(session, id, clock.millis());
            });
      } else if (!before.contains(each.name())) {
        // It was left out for a while: files may have come that it was never asked to hold.
        int id = known.get().id();
        catalog.commit(session -> catalog.copies().recordAllPending(session, id, clock.millis()));
      }
    }
    String now = String.join("\n", remotes.stream().map(MirroredRemote::name).toList());
    catalog.commit(session -> catalog.recordMeta(session, ENROLLED, now));
  }

  /**
   * Nothing is gone on with at a remote that was left out or moved. Should one that was left out
   * come back, what is left there of begun uploads is still known, and removed.
   */
  private void forgetUploads() {
    CutTable cuts = new CutTable(catalog);
    for (RemoteRow row : catalog.remotes().all()) {
      boolean same =
          find(row.name()).filter(r -> r.remote().identity().equals(row.identity())).isPresent();
      if (!same && !catalog.uploads().list(row.id()).isEmpty()) {
        catalog.commit(session -> cuts.forgetAll(session, row.identity(), row.id()));
      }
    }
  }

  /** In the order of the configuration. */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (MirroredRemote each : remotes) {
      catalog.remotes().find(each.name()).ifPresent(row -> entries.add(new Entry(each, row)));
    }
    return entries;
  }

  /** Ids and names of the configured remotes. */
  public Map<Integer, String> names() {
    Map<Integer, String> names = new LinkedHashMap<>();
    entries().forEach(entry -> names.put(entry.row().id(), entry.remote().name()));
    return names;
  }
}
