package dev.caravan;

import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles.RouteFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the folder of the user's routes. What changed is checked in a Camel of its own, and only
 * what has no fault takes the place of what runs.
 *
 * <p>It looks once a second and compares contents: no watcher tells of every way in which a file
 * can change (links of a Kubernetes ConfigMap, network shares, a folder that appears later).
 */
final class RouteReload implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.routes");
  private static final long LOOK_MILLIS = 1_000;

  private final Reading reading;
  private final Stage stage;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "routes");
            thread.setDaemon(true);
            return thread;
          });
  private Optional<Found> seen = Optional.empty();
  private Optional<Found> judged = Optional.empty();
  private boolean waits;
  private boolean waitSaid;
  private volatile List<RouteFault> faults = List.of();

  /** Reads the files that should be in use now. */
  interface Reading {
    List<RouteFile> read() throws IOException;
  }

  /** Where routes are in use. */
  interface Stage {

    /** The files in use. */
    List<RouteFile> live();

    /** What is wrong with a set of files; nothing of them is started. */
    List<RouteFault> check(List<RouteFile> files);

    /**
     * Brings a set of files, which was checked, into use.
     *
     * @return false when that has to wait for something to finish
     */
    boolean swap(List<RouteFile> files) throws Exception;

    /** Nothing waits any more. */
    void rest();
  }

  /** What one look found: files, or why they cannot be read. */
  private record Found(List<RouteFile> files, String error) {}

  RouteReload(Reading reading, Stage stage) {
    this.reading = reading;
    this.stage = stage;
  }

  @SuppressWarnings("FutureReturnValueIgnored")
  RouteReload start() {
    looks.scheduleWithFixedDelay(this::lookSafely, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    return this;
  }

  /** What is wrong with the files that are not in use because of it. */
  List<RouteFault> faults() {
    return faults;
  }

  private void lookSafely() {
    try {
      look();
    } catch (RuntimeException e) {
      LOG.error("The folder of routes could not be looked at: {}", e.toString());
      LOG.debug("The folder of routes could not be looked at", e);
    }
  }

  /** Looks once. What changed is dealt with when two looks saw the same: it is whole then. */
  void look() {
    Found found = read();
    boolean whole = seen.filter(found::equals).isPresent();
    seen = Optional.of(found);
    if (!whole || (judged.filter(found::equals).isPresent() && !waits)) {
      return;
    }
    judged = Optional.of(found);
    waits = false;
    try {
      if (!found.error().isEmpty()) {
        report(List.of(new RouteFault("", "routes.path", 0, found.error())));
      } else {
        apply(found.files());
      }
    } finally {
      if (!waits) {
        waitSaid = false;
        stage.rest();
      }
    }
  }

  private Found read() {
    try {
      return new Found(reading.read(), "");
    } catch (IOException e) {
      return new Found(List.of(), "cannot be read: " + e);
    }
  }

  private void apply(List<RouteFile> wanted) {
    Set<String> changed = changed(wanted);
    if (changed.isEmpty()) {
      report(List.of());
      return;
    }
    List<RouteFault> all = stage.check(wanted);
    if (all.isEmpty()) {
      report(swap(changed, wanted));
    } else if (changed.size() == 1) {
      report(all);
    } else {
      report(oneByOne(changed, wanted));
    }
  }

  /** Together they have a fault: those that have none by themselves come into use. */
  private List<RouteFault> oneByOne(Set<String> changed, List<RouteFile> wanted) {
    List<RouteFault> found = new ArrayList<>();
    for (String name : changed) {
      List<RouteFile> candidate = exchanged(stage.live(), name, wanted);
      List<RouteFault> own = stage.check(candidate);
      found.addAll(own.isEmpty() ? swap(Set.of(name), candidate) : own);
    }
    return found;
  }

  private static List<RouteFile> exchanged(
      List<RouteFile> live, String name, List<RouteFile> wanted) {
    Optional<RouteFile> then = wanted.stream().filter(f -> f.name().equals(name)).findFirst();
    List<RouteFile> files = new ArrayList<>();
    boolean placed = false;
    for (RouteFile file : live) {
      if (!file.name().equals(name)) {
        files.add(file);
      } else {
        then.ifPresent(files::add);
        placed = true;
      }
    }
    if (!placed) {
      then.ifPresent(files::add);
    }
    return files;
  }

  private List<RouteFault> swap(Set<String> changed, List<RouteFile> files) {
    Map<String, RouteFile> byName =
        files.stream().collect(Collectors.toMap(RouteFile::name, Function.identity()));
    try {
      if (!stage.swap(files)) {
        if (!waitSaid) {
          waitSaid = true;
          LOG.info("Routes   {} waits for what is under way to finish", String.join(", ", changed));
        }
        waits = true;
        return List.of();
      }
      for (String name : changed) {
        RouteFile file = byName.get(name);
        LOG.info("Routes   {} <- {}", name, file == null ? "removed" : file.origin());
      }
      return List.of();
    } catch (Exception e) {
      LOG.debug("Routes could not be exchanged", e);
      String first = changed.iterator().next();
      RouteFile file = byName.get(first);
      RouteFile at = file == null ? new RouteFile(first, "", first, false, "") : file;
      return List.of(CamelFaults.of(at, 0, e));
    }
  }

  private Set<String> changed(List<RouteFile> wanted) {
    Set<RouteFile> live = new HashSet<>(stage.live());
    Set<String> changed = new LinkedHashSet<>();
    wanted.stream().filter(file -> !live.contains(file)).forEach(file -> changed.add(file.name()));
    Set<String> names = wanted.stream().map(RouteFile::name).collect(Collectors.toSet());
    live.stream().map(RouteFile::name).filter(n -> !names.contains(n)).forEach(changed::add);
    return changed;
  }

  /** Says what is new; a fault that stays is not said again. */
  private void report(List<RouteFault> found) {
    for (RouteFault fault : found) {
      if (!faults.contains(fault)) {
        LOG.error("Routes   not reloaded, what was good stays in use: {}", fault.text());
      }
    }
    faults = List.copyOf(found);
  }

  @Override
  public void close() {
    looks.shutdownNow();
    try {
      looks.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
