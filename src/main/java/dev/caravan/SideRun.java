package dev.caravan;

import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.Settings;
import dev.caravan.event.Counted;
import dev.caravan.event.RunState;
import dev.caravan.remote.camel.CamelProducer;
import dev.caravan.restore.Restores;
import dev.caravan.restore.RoomMaker;
import dev.caravan.restore.SideRestore;
import dev.caravan.sync.move.MirroredRemote;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One restore into a folder beside the store, and what it comes to, in the shape of a run. */
final class SideRun {

  /** So many failures are told one by one; all are counted. */
  private static final int TOLD_MAX = 20;

  private final Settings settings;
  private final StateFolder state;
  private final Consumer<Map<String, @Nullable Object>> progress;
  private final List<String> failures = new ArrayList<>();
  private final List<String> lacking = new ArrayList<>();
  private long restored;
  private long there;
  private long absent;
  private long failed;
  private long bytes;

  SideRun(Settings settings, StateFolder state, Consumer<Map<String, @Nullable Object>> progress) {
    this.settings = settings;
    this.state = state;
    this.progress = progress;
  }

  Map<String, @Nullable Object> go(
      Path to, List<String> roots, Optional<String> from, Optional<Instant> asOf, Clock clock)
      throws CommandFailure {
    checkApart(to);
    checkFrom(from);
    List<MirroredRemote> remotes =
        new RemoteFactory(state.catalog(), new SimpleMeterRegistry(), clock, CamelProducer::idle)
            .make(settings.storage());
    try {
      SideRestore beside =
          new SideRestore(
              new Restores.World(
                  state.catalog(),
                  state.tree(),
                  remotes.stream()
                      .filter(each -> !isOfRoutes(each.name()))
                      .map(MirroredRemote::remote)
                      .toList(),
                  path -> Optional.empty(),
                  RoomMaker.NONE),
              to,
              clock);
      if (asOf.isPresent()) {
        beside.run(roots, from, asOf.get(), this::count);
      } else {
        beside.run(roots, from, this::count);
      }
    } catch (IOException e) {
      throw new CommandFailure(1, "%s cannot be written to: %s".formatted(to, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(1, "Interrupted", e);
    } finally {
      remotes.forEach(each -> each.remote().close());
    }
    return view(true);
  }

  /** Remotes made of Camel endpoints are passed over: no routes run for a restore beside. */
  private boolean isOfRoutes(String name) {
    return settings.storage().remotes().stream()
        .anyMatch(each -> each.name().equals(name) && each instanceof CamelSettings);
  }

  private void checkFrom(Optional<String> from) throws CommandFailure {
    Optional<String> routed = from.filter(this::isOfRoutes);
    if (routed.isPresent()) {
      throw new CommandFailure(
          2,
          "Remote '%s' is made of Camel endpoints, which do not run for --to: name another"
              .formatted(routed.get()),
          null);
    }
  }

  /** Through whatever links: copies in the store would be mirrored. */
  private void checkApart(Path to) throws CommandFailure {
    try {
      Path store = settings.store().path().toRealPath();
      Path wanted = to.toAbsolutePath().normalize();
      Path there = wanted;
      while (!Files.exists(there) && there.getParent() != null) {
        there = there.getParent();
      }
      Path real = there.toRealPath().resolve(there.relativize(wanted));
      if (real.startsWith(store)) {
        throw new CommandFailure(2, "--to %s lies in the store: take another".formatted(to), null);
      }
    } catch (IOException e) {
      throw new CommandFailure(1, "%s cannot be used: %s".formatted(to, e.getMessage()), e);
    }
  }

  private void count(String path, SideRestore.Result result) {
    if (result instanceof SideRestore.Restored done) {
      restored++;
      bytes += done.sizeBytes();
      note(path, done.lacking());
    } else if (result instanceof SideRestore.Lacking lacks) {
      note(path, lacks.lacking());
      return;
    } else if (result instanceof SideRestore.Failed why) {
      failed++;
      if (failures.size() < TOLD_MAX) {
        failures.add(path + ": " + why.message());
      }
    } else if (result instanceof SideRestore.There) {
      there++;
    } else {
      absent++;
    }
    progress.accept(view(false));
  }

  private void note(String path, List<String> lacks) {
    if (!lacks.isEmpty() && lacking.size() < TOLD_MAX) {
      lacking.add(path + " is back, but " + String.join("; ", lacks));
    }
  }

  private Map<String, @Nullable Object> view(boolean ended) {
    RunState outcome =
        failed == 0
            ? RunState.SUCCEEDED
            : restored + there == 0 ? RunState.FAILED : RunState.PARTIAL;
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("operation", "restore");
    view.put("state", (ended ? outcome : RunState.RUNNING).label());
    view.put("error", failed == 0 ? null : Counted.of(failed, "file") + " could not be had");
    view.put("counts", Map.of("restored", restored, "skipped", there + absent, "failed", failed));
    view.put("bytes", bytes);
    view.put("progress", Map.of("done", restored + there + failed, "bytes_done", bytes));
    view.put("failures", List.copyOf(failures));
    view.put("lacking", List.copyOf(lacking));
    return view;
  }
}
