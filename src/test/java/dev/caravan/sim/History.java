package dev.caravan.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote.Break;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestClock;
import dev.caravan.sync.TestSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** One random history: told by its seed, checked after every cycle. */
final class History {

  private static final int CYCLES = 10;
  private static final List<Cause> CAUSES =
      List.of(Cause.NETWORK, Cause.SERVER, Cause.OTHER, Cause.FULL, Cause.PERMISSION);

  private final Path store;
  private final Random random;
  private final Owner owner;
  private final FlakyRemote near = new FlakyRemote("near");
  private final FlakyRemote far = new FlakyRemote("far");
  private final Oracle oracle;
  private final List<String> told = new ArrayList<>();
  private final TestSettings settings;
  private boolean excludesSkip;
  private boolean withoutFar;
  private boolean lostCatalog;

  /** The process dies: nothing after this instant is recorded. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  History(Path store, long seed) {
    this.store = store;
    this.random = new Random(seed);
    this.owner = new Owner(store, random);
    this.oracle = new Oracle(owner, List.of(near, far));
    this.settings = TestSettings.of(store);
  }

  /** How many copies the remotes made by themselves. */
  int copies() {
    return near.copies() + far.copies();
  }

  /** What has happened so far. */
  String told() {
    return String.join("; ", told);
  }

  void play() throws IOException {
    Files.createDirectories(store.resolve(".caravan"));
    owner.keep();
    try (SyncWorld world = new SyncWorld(settings, TestClock.afterToday(), remotes())) {
      for (int i = 0; i < CYCLES; i++) {
        for (int acts = random.nextInt(6); acts > 0; acts--) {
          tell(owner.act());
        }
        upset(world);
        cycle(world);
        world.clock().advance(Duration.ofSeconds(random.nextInt(100)));
      }
      settle(world);
    }
  }

  private void tell(String what) {
    if (!what.isEmpty()) {
      told.add(what);
    }
  }

  private List<Remote> remotes() {
    return withoutFar ? List.of(near) : List.of(near, far);
  }

  private void restart(SyncWorld world) {
    world.restart(excludesSkip ? settings.excluding(List.of("skip/**")) : settings, remotes());
  }

  private void upset(SyncWorld world) throws IOException {
    FlakyRemote remote = random.nextBoolean() ? near : far;
    switch (random.nextInt(14)) {
      case 0, 1, 2 -> {
        Break when = random.nextBoolean() ? Break.BEFORE : Break.AFTER;
        Cause cause = CAUSES.get(random.nextInt(CAUSES.size()));
        int after = random.nextInt(8);
        remote.breakAfter(after, when, cause);
        tell(remote.name() + " breaks at call " + after + " " + when + " " + cause);
      }
      case 3 -> {
        boolean down = random.nextBoolean();
        remote.down(down);
        tell(remote.name() + (down ? " is down" : " is up"));
      }
      case 4 -> {
        tell("restart");
        restart(world);
      }
      case 5 -> {
        excludesSkip = !excludesSkip;
        tell("skip/ is excluded: " + excludesSkip);
        restart(world);
      }
      case 6 -> {
        withoutFar = !withoutFar;
        tell("far is left out: " + withoutFar);
        restart(world);
      }
      case 7 -> {
        if (random.nextInt(3) == 0) {
          tell("the catalog is lost");
          lostCatalog = true;
          world.loseCatalog();
        }
      }
      case 8 -> {
        tell("dry run");
        observed(world, () -> world.dryRun());
      }
      case 9 -> {
        tell("without marker");
        withoutMarker(world);
      }
      case 10, 11 -> killed(world, remote);
      default -> {}
    }
  }

  /** A cycle while the store's marker is away. */
  private void withoutMarker(SyncWorld world) throws IOException {
    Path marker = world.state().resolve("store.id");
    if (world.catalog().findMeta("store_id").isPresent()) {
      Path away = Files.move(marker, marker.resolveSibling("store.id-away"));
      observed(world, () -> assertThat(world.cycle().state()).isEqualTo(RunState.HALTED));
      Files.move(away, marker);
    }
  }

  /** A cycle whose process dies in a call to a remote, before or after the call took effect. */
  private void killed(SyncWorld world, FlakyRemote remote) throws IOException {
    Path committed = store.resolve(".caravan").resolve("committed.db");
    int after = random.nextInt(8);
    Break when = random.nextBoolean() ? Break.BEFORE : Break.AFTER;
    remote.breakAfter(
        after,
        when,
        Cause.NETWORK,
        () -> {
          try {
            world.catalog().backup(committed);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
          throw new Killed();
        });
    tell("killed at call " + after + " of " + remote.name() + " " + when);
    oracle.before(excludesSkip);
    try {
      world.cycle();
      remote.mend();
    } catch (Killed e) {
      remote.mend();
      world.kill(committed);
    }
    oracle.after(world);
  }

  private void cycle(SyncWorld world) throws IOException {
    Trigger trigger = random.nextBoolean() ? Trigger.MANUAL : Trigger.SCHEDULE;
    tell("cycle " + trigger.label());
    observed(
        world,
        () -> {
          RunRow run = world.cycle(trigger, false);
          tell("-> " + run.state().label());
          assertThat(run.state().isEnded()).isTrue();
        });
  }

  private void observed(SyncWorld world, Runnable what) throws IOException {
    oracle.before(excludesSkip);
    what.run();
    oracle.after(world);
  }

  /** Faults end; two cycles later all is mirrored, and a third has nothing to do. */
  private void settle(SyncWorld world) throws IOException {
    near.mend();
    far.mend();
    withoutFar = false;
    excludesSkip = false;
    tell("all is well");
    restart(world);
    observed(world, world::manual);
    observed(world, world::manual);
    for (FlakyRemote remote : List.of(near, far)) {
      assertThat(strays(remote, world)).as("files at %s", remote.name()).isEqualTo(owner.holds());
    }
    assertThat(world.files())
        .allMatch(file -> file.state().equals("synced") || file.state().equals("purged"));
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    near.callsSince();
    far.callsSince();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.callsSince() + far.callsSince()).as("calls in a quiet cycle").isZero();
    assertThat(world.catalog().runs().list(Optional.empty(), Optional.empty(), 1_000))
        .isNotEmpty()
        .allMatch(run -> run.state().isEnded());
  }

  /** What a remote holds, without files that a lost catalog's rebuilding kept. */
  private Map<String, String> strays(FlakyRemote remote, SyncWorld world) throws IOException {
    Map<String, String> held = new TreeMap<>(remote.files());
    if (lostCatalog) {
      Map<String, String> store = owner.holds();
      held.keySet()
          .removeIf(
              key ->
                  !store.containsKey(key)
                      && world.files().stream()
                          .anyMatch(
                              file -> file.path().equals(key) && file.state().equals("purged")));
    }
    return held;
  }
}
