package dev.caravan.purge;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.purge.PurgeTable.Candidate;
import dev.caravan.config.PurgeSettings;
import dev.caravan.config.PurgeSettings.Copies;
import dev.caravan.config.PurgeSettings.Order;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.store.Filters;
import dev.caravan.store.room.DiskSpace;
import dev.caravan.sync.StoreSafety;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestClock;
import dev.caravan.sync.TestSettings;
import dev.caravan.sync.detect.StoreGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** A mirror over a disk of a known size, with a purge that is driven as the routes drive it. */
public final class PurgeWorld implements AutoCloseable {

  static final long DISK_BYTES = 1_000;

  private final SyncWorld world;
  private final List<Remote> remotes;
  private List<String> include = List.of("**");
  private List<String> protect = List.of();
  private List<String> exclude = List.of();
  private Order order = Order.OLDEST;
  private Duration minAge = Duration.ofHours(1);
  private Copies copies = Copies.parse("all");
  private long floorBytes;
  private PurgeHold hold = PurgeHold.NONE;
  private Purge purge;

  public PurgeWorld(Path store, Remote... remotes) {
    this.remotes = List.of(remotes);
    this.world = new SyncWorld(TestSettings.of(store), TestClock.afterToday(), this.remotes);
    this.purge = make();
  }

  private Purge make() {
    StoreGuard guard = new StoreGuard(world.tree(), world.catalog(), UUID::randomUUID);
    return new Purge(
        new Purge.World(
            new PurgeSettings(include, protect, order, minAge, copies),
            floorBytes,
            world.catalog(),
            world.tree(),
            new Filters(List.of("**"), exclude)::admits,
            () ->
                world.mirror().roster().entries().stream()
                    .map(
                        entry ->
                            new PurgeRemote(entry.row().id(), entry.remote().remote(), () -> {}))
                    .toList(),
            new StoreSafety(world.catalog(), guard)::findRefusal,
            hold,
            this::space),
        world.mirror().queue(),
        new PurgeMeters(world.meters()),
        world.clock(),
        millis -> {});
  }

  /** What the files of the store leave of the disk. */
  private DiskSpace space() throws IOException {
    try (Stream<Path> files = Files.walk(world.path(""))) {
      long used =
          files
              .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
              .filter(file -> !file.startsWith(world.state()))
              .mapToLong(PurgeWorld::size)
              .sum();
      return new DiskSpace(Math.max(0, DISK_BYTES - used), DISK_BYTES);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  PurgeWorld protecting(String... patterns) {
    protect = List.of(patterns);
    return remade();
  }

  PurgeWorld including(String... patterns) {
    include = List.of(patterns);
    return remade();
  }

  PurgeWorld excluding(String... patterns) {
    exclude = List.of(patterns);
    return remade();
  }

  PurgeWorld ordering(Order how) {
    order = how;
    return remade();
  }

  PurgeWorld sparing(Duration age) {
    minAge = age;
    return remade();
  }

  PurgeWorld needing(String number) {
    copies = Copies.parse(number);
    return remade();
  }

  PurgeWorld floor(long bytes) {
    floorBytes = bytes;
    return remade();
  }

  PurgeWorld holding(PurgeHold held) {
    hold = held;
    return remade();
  }

  private PurgeWorld remade() {
    purge = make();
    return this;
  }

  public SyncWorld sync() {
    return world;
  }

  public Purge purge() {
    return purge;
  }

  /** Writes a file that its owner last changed so many hours ago. */
  Path write(String path, int bytes, int hoursAgo) throws IOException {
    Path file = world.write(path, "x".repeat(bytes - 1) + path.charAt(0));
    long then = world.clock().instant().minus(Duration.ofHours(hoursAgo)).toEpochMilli();
    return Files.setLastModifiedTime(file, FileTime.fromMillis(then));
  }

  /** Someone read it through Caravan. */
  void read(String path, int hoursAgo) {
    long then = world.clock().instant().minus(Duration.ofHours(hoursAgo)).toEpochMilli();
    world
        .catalog()
        .commit(
            session -> session.execute("UPDATE file SET read_at = ? WHERE path = ?", then, path));
  }

  RunRow free(long bytes) {
    return run(new PurgeRequest.Terms(Optional.of(bytes), Optional.empty()), false);
  }

  RunRow dryRun(long bytes) {
    return run(new PurgeRequest.Terms(Optional.of(bytes), Optional.empty()), true);
  }

  RunRow olderThan(Duration age) {
    return run(new PurgeRequest.Terms(Optional.empty(), Optional.of(age)), false);
  }

  RunRow toFloor() {
    return run(PurgeRequest.Terms.FLOOR, false);
  }

  RunRow run(PurgeRequest.Terms terms, boolean dryRun) {
    PurgeRun run = begin(new PurgeRequest(Trigger.MANUAL, dryRun, terms));
    for (Iterator<Candidate> rest = run.getCandidates(); rest.hasNext(); ) {
      run.move(rest.next());
    }
    return end(run);
  }

  PurgeRun begin(PurgeRequest request) {
    try {
      return purge.begin(request);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  RunRow end(PurgeRun run) {
    purge.end(run);
    return world.catalog().runs().find(run.book().id()).orElseThrow();
  }

  /** The paths of the files that lie in the store. */
  List<String> local() throws IOException {
    try (Stream<Path> files = Files.walk(world.path(""))) {
      return new ArrayList<>(
          files
              .filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
              .filter(file -> !file.startsWith(world.state()))
              .map(file -> world.path("").relativize(file).toString())
              .sorted()
              .toList());
    }
  }

  String state(String path) {
    return world.file(path).state();
  }

  /** Why each file stayed. */
  Map<String, String> kept(RunRow run) {
    Map<String, String> kept = new TreeMap<>();
    for (ItemRow item : world.items(run)) {
      if (item.action().equals("keep")) {
        kept.put(item.path(), item.reason());
      }
    }
    return kept;
  }

  static StorePath at(String path) {
    return StorePath.of(path);
  }

  @Override
  public void close() {
    world.close();
  }
}
