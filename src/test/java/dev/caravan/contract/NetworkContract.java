package dev.caravan.contract;

import static dev.caravan.contract.RemoteUnderTest.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.CountingProxy.Fault;
import dev.caravan.lab.CountingProxy.Weather;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every remote promises behind a bad network. Between it and its real server stands a proxy,
 * which is asked afterwards whether it did what the test is about.
 */
public abstract class NetworkContract {

  /** The remotes of these tests give up when nothing moves for so long. */
  protected static final Duration STALL = Duration.ofSeconds(2);

  private static final long MIB = 1 << 20;
  private static final TestContent OLD = TestContent.of("the old version");
  private static final TestContent BIG = TestContent.ofSize(12 * MIB, 7);

  private CountingProxy proxy;
  private Remote remote;

  /** The proxy before the server. */
  protected abstract CountingProxy proxy() throws Exception;

  /** A remote at the place of this test, by way of the proxy. */
  protected abstract Remote through(CountingProxy proxy) throws Exception;

  /** What the server holds, seen by a client of its own without anything between. */
  protected abstract byte[] stored(String key) throws Exception;

  /** False where a changed byte of an answer is found out by who compares it with the catalog. */
  protected abstract boolean checksWhatItReads();

  /** False where only what was stored shows that bytes changed, and is removed then. */
  protected boolean refusesWhatChanged() {
    return true;
  }

  @BeforeEach
  void beginInFairWeather() throws Exception {
    proxy = proxy();
    remote = through(proxy);
    remote.probe();
  }

  @AfterEach
  void closeAll() {
    remote.close();
    proxy.close();
  }

  @Test
  void aPutThatIsCutKeepsTheOldVersionAndAnotherOneSucceeds() throws Exception {
    remote.put(key("a/b"), OLD);
    proxy.cutAfter(5 * MIB);
    assertTransient(catchThrowable(() -> remote.put(key("a/b"), BIG)));
    assertThat(proxy.injected(Fault.CUT)).isEqualTo(1);
    assertThat(stored("a/b")).isEqualTo(OLD.bytes());
    retrying().put(key("a/b"), BIG);
    assertThat(stored("a/b")).isEqualTo(BIG.bytes());
  }

  @Test
  void aLineThatIsCutBetweenOrInCallsCostsOneMoreTry() throws Exception {
    work("fair");
    long up = proxy.bytesUp();
    long down = proxy.bytesDown();
    work("measured");
    up = proxy.bytesUp() - up;
    down = proxy.bytesDown() - down;
    proxy.cutAfter(up / 3);
    work("up");
    assertThat(proxy.injected(Fault.CUT)).isEqualTo(1);
    proxy.cutAnswersAfter(down * 2 / 3);
    work("down");
    assertThat(proxy.injected(Fault.CUT)).isEqualTo(2);
  }

  /** Every call once, each with what must come of it. */
  private void work(String folder) throws Exception {
    Remote patient = retrying();
    TestContent content = TestContent.ofSize(300_000, folder.hashCode());
    patient.put(key(folder + "/a"), content);
    patient.put(key(folder + "/b"), OLD);
    ObjectStat found = patient.find(key(folder + "/a")).orElseThrow();
    assertThat(found.sizeBytes()).isEqualTo(content.sizeBytes());
    assertThat(eagerly(() -> read(remote, folder + "/a"))).isEqualTo(content.bytes());
    assertThat(patient.move(Map.of(key(folder + "/b"), key(folder + "/c")))).isEmpty();
    Set<String> listed = new TreeSet<>();
    patient.list(folder + "/", stat -> listed.add(stat.key().value()));
    assertThat(listed).containsExactly(folder + "/a", folder + "/c");
    assertThat(patient.delete(List.of(key(folder + "/c")))).isEmpty();
    assertThat(stored(folder + "/a")).isEqualTo(content.bytes());
  }

  @Test
  void aFarServerIsUsedAsANearOne() throws Exception {
    Duration latency = Duration.ofMillis(15);
    proxy.latency(latency);
    long begin = System.nanoTime();
    work("far");
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(proxy.injected(Fault.LATE)).isGreaterThan(2 * 6);
    assertThat(taken).as("six calls, there and back").isGreaterThan(latency.multipliedBy(2 * 6));
  }

  @Test
  void anAnswerThatStallsIsGivenUpAndNothingIsTakenForStored() throws Exception {
    remote.put(key("a/b"), OLD);
    TestContent content = TestContent.ofSize(MIB, 5);
    AtomicBoolean once = new AtomicBoolean();
    content.onRead(
        () -> {
          if (once.compareAndSet(false, true)) {
            proxy.weather(Weather.MUTE);
          }
        });
    long begin = System.nanoTime();
    Throwable failure = catchThrowable(() -> remote.put(key("a/b"), content));
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    assertTransient(failure);
    assertThat(proxy.injected(Fault.HELD)).isPositive();
    assertThat(taken).isBetween(STALL.dividedBy(2), STALL.multipliedBy(6));
    proxy.weather(Weather.FAIR);
    assertThat(stored("a/b")).isIn((Object) OLD.bytes(), content.bytes());
    retrying().put(key("a/b"), BIG);
    assertThat(stored("a/b")).isEqualTo(BIG.bytes());
  }

  @Test
  void whatMovesSlowlyIsNotTakenForAStall() throws Exception {
    remote.put(key("there"), BIG);
    proxy.throttle(4 * MIB);
    long begin = System.nanoTime();
    List<Callable<Duration>> both =
        List.of(
            () -> {
              assertThat(remote.put(key("put"), BIG).proof()).isNotEqualTo(Proof.SIZE_ONLY);
              return Duration.ofNanos(System.nanoTime() - begin);
            },
            () -> {
              assertThat(read(remote, "there")).isEqualTo(BIG.bytes());
              return Duration.ofNanos(System.nanoTime() - begin);
            });
    assertThat(RemoteUnderTest.atOnce(both)).allMatch(taken -> taken.compareTo(STALL) > 0);
    assertThat(proxy.injected(Fault.SLOW)).isGreaterThan(2 * 12);
    assertThat(stored("put")).isEqualTo(BIG.bytes());
  }

  @Test
  void aByteThatChangesOnTheWayThereIsRefusedAndSentAgain() throws Exception {
    remote.put(key("a/b"), OLD);
    proxy.flipAfter(4 * MIB);
    assertTransient(catchThrowable(() -> remote.put(key("a/b"), BIG)));
    assertThat(proxy.injected(Fault.FLIPPED)).isEqualTo(1);
    if (refusesWhatChanged()) {
      assertThat(stored("a/b")).isEqualTo(OLD.bytes());
    } else {
      assertThat(remote.find(key("a/b"))).as("nothing spoiled stays").isEmpty();
    }

    proxy.flipAfter(4 * MIB);
    StoredObject stored = retrying().put(key("a/b"), BIG);
    assertThat(proxy.injected(Fault.FLIPPED)).isEqualTo(2);
    assertThat(stored.proof()).isIn(Proof.SERVER_CHECKED, Proof.READ_BACK);
    assertThat(stored("a/b")).isEqualTo(BIG.bytes());
  }

  @Test
  void aByteThatChangesOnTheWayBackSpoilsNoOtherCall() throws Exception {
    remote.put(key("a/b"), BIG);
    proxy.flipAnswersAfter(4 * MIB);
    if (checksWhatItReads()) {
      assertThat(catchThrowable(() -> read(remote, "a/b"))).isInstanceOf(IOException.class);
    } else {
      assertThat(read(remote, "a/b")).hasSize((int) (12 * MIB)).isNotEqualTo(BIG.bytes());
    }
    assertThat(proxy.injected(Fault.FLIPPED)).isEqualTo(1);
    assertThat(eagerly(() -> read(remote, "a/b"))).isEqualTo(BIG.bytes());
  }

  private Remote retrying() {
    Backoff soon =
        new Backoff(
            5, Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMinutes(1), new Random(1));
    return new RetryingRemote(remote, soon);
  }

  private static void assertTransient(Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason().isTransient()).as("%s", e.getMessage()).isTrue())
        .hasMessageNotContaining("\n");
  }

  private static byte[] read(Remote from, String key) throws Exception {
    try (InputStream in = from.open(key(key), 0, -1)) {
      return in.readAllBytes();
    }
  }

  /** A stream that broke is read anew by who reads it, as a restore does. */
  private static byte[] eagerly(Callable<byte[]> read) throws Exception {
    for (int i = 0; i < 4; i++) {
      try {
        return read.call();
      } catch (RemoteException | IOException e) {
        // Once more.
      }
    }
    return read.call();
  }
}
