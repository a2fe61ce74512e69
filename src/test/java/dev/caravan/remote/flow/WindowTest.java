package dev.caravan.remote.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The window finds out what a simulated server bears; the time is simulated as well. */
class WindowTest {

  private static final long MILLI = 1_000_000;
  private static final long SEED = Long.getLong("caravan.seed", 7L);

  /** What a server answered within a time. */
  private record Outcome(double goodPerSecond, double badShare, int window) {}

  /**
   * Keeps as many calls under way as the window allows, each taking 20 ms.
   *
   * @param complains whether a call is turned away, by how many the server works on then, this one
   *     included
   */
  private static Outcome work(int ceiling, int seconds, IntPredicate complains) {
    Window window = new Window(Room.of(ceiling), 0);
    return work(window, 0, seconds, complains);
  }

  private static Outcome work(Window window, long from, int seconds, IntPredicate complains) {
    return work(window, from, seconds, complains, underway -> 20);
  }

  /**
   * @param millis how long a call takes, by how many are under way then
   */
  private static Outcome work(
      Window window, long from, int seconds, IntPredicate complains, IntToDoubleFunction millis) {
    record Call(long endsAt, boolean bad) {}
    PriorityQueue<Call> underway =
        new PriorityQueue<>((one, other) -> Long.compare(one.endsAt(), other.endsAt()));
    Random jitter = new Random(SEED);
    long now = from;
    long end = from + seconds * 1_000 * MILLI;
    long good = 0;
    long bad = 0;
    int taken = 0;
    while (now < end) {
      while (underway.size() < window.size()) {
        double share = 0.9 + 0.2 * jitter.nextDouble();
        long took = (long) (share * MILLI * millis.applyAsDouble(underway.size() + 1));
        boolean turnedAway = complains.test(taken + 1);
        taken += turnedAway ? 0 : 1;
        underway.add(new Call(now + took, turnedAway));
      }
      window.full();
      Call ended = underway.remove();
      now = ended.endsAt();
      taken -= ended.bad() ? 0 : 1;
      window.answered(ended.bad(), now);
      good += ended.bad() ? 0 : 1;
      bad += ended.bad() ? 1 : 0;
    }
    return new Outcome(good / (double) seconds, bad / (double) (good + bad), window.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16, 64, 256})
  void aRemoteThatNeverComplainsIsFilledToTheCeiling(int ceiling) {
    Outcome clean = work(ceiling, 20, underway -> false);
    assertThat(clean.window()).isEqualTo(ceiling);
    // 20 ms each: fifty a second for each place, less a second or so of finding out
    assertThat(clean.goodPerSecond()).isGreaterThan(ceiling * 50 * 0.9);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 8, 12})
  void aRemoteThatBearsFewIsGivenFew(int bears) {
    Outcome limited = work(16, 60, underway -> underway > bears);
    assertThat(limited.goodPerSecond()).isGreaterThan(bears * 50 * 0.6);
    assertThat(limited.badShare()).isLessThan(0.4);
    assertThat(limited.window()).isLessThanOrEqualTo(bears * 2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.3, 0.5})
  void complaintsThatHaveNothingToDoWithTheLoadDoNotSlowItMuch(double share) {
    Random random = new Random(SEED);
    double clean = work(16, 60, underway -> false).goodPerSecond();
    Outcome outcome = work(16, 60, underway -> random.nextDouble() < share);
    // what is left when a share is refused, and three quarters of that at least
    assertThat(outcome.goodPerSecond()).as("%s", outcome).isGreaterThan(clean * (1 - share) * 0.75);
  }

  @Test
  void aRemoteThatTurnsEverythingAwayIsAskedOneAtATimeAndFilledAgainWhenItRecovers() {
    Window window = new Window(Room.of(16), 0);
    assertThat(work(window, 0, 5, underway -> true).window()).isEqualTo(1);
    long later = 5_000 * MILLI;
    assertThat(work(window, later, 10, underway -> false).window()).isEqualTo(16);
  }

  @Test
  void aFewCallsNowAndThenDoNotWidenIt() {
    Window window = new Window(Room.of(64), 0);
    for (int i = 1; i < 100; i++) {
      window.answered(false, i * 1_000 * MILLI);
    }
    assertThat(window.size()).isEqualTo(16);
  }

  private static final Room FAR = new Room(16, 64);

  @ParameterizedTest
  @ValueSource(ints = {5, 20, 100, 300})
  void aRemoteThatIsFarAwayIsGivenMoreThanTheUsual(int millis) {
    Window window = new Window(FAR, 0);
    Outcome first = work(window, 0, 10, underway -> false, underway -> millis);
    assertThat(first.window()).isEqualTo(64);
    assertThat(first.goodPerSecond()).isGreaterThan(64 * (1000.0 / millis) * 0.6);
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 270, 410})
  void pausesOfItsOwnDoNotKeepTheProcessFromGivingMore(int everyMillis) {
    Window window = new Window(FAR, 0);
    long now = 0;
    long answered = 0;
    // 20 ms each; whatever would be answered within the first 60 ms of each period comes after them
    while (now < 3_000 * MILLI) {
      window.full();
      long step = 20 * MILLI / window.size();
      boolean pauses = now / MILLI % everyMillis < 60;
      now = pauses ? (now / MILLI / everyMillis * everyMillis + 60) * MILLI : now + step;
      window.answered(false, now);
      answered++;
    }
    assertThat(window.size()).isEqualTo(64);
    double share = 1 - 60.0 / everyMillis;
    assertThat(answered).as("of three seconds").isGreaterThan((long) (3 * 64 * 50 * share * 0.6));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 1, 5})
  void aRemoteThatDoesOneAfterTheOtherIsNotGivenMore(double millisEach) {
    Window window = new Window(FAR, 0);
    Outcome busy = work(window, 0, 20, underway -> false, underway -> millisEach * underway);
    assertThat(busy.window()).as("the usual, or just trying").isLessThanOrEqualTo(32);
    assertThat(busy.goodPerSecond()).isGreaterThan(1000 / millisEach * 0.8);
  }

  @Test
  void aRemoteIsGivenNoMoreThanBringsMore() {
    Window window = new Window(FAR, 0);
    Outcome some =
        work(window, 0, 20, underway -> false, underway -> 20 * Math.max(1, underway / 30.0));
    assertThat(some.goodPerSecond()).as("20 ms, thirty at once").isGreaterThan(30 * 50 * 0.9);
    int tries = 0;
    for (int second = 20; second < 40; second++) {
      work(window, second * 1_000 * MILLI, 1, underway -> false, underway -> underway / 1.5);
      tries += window.size() > 32 ? 1 : 0;
    }
    assertThat(tries).as("seconds that ended while more was tried").isLessThan(5);
  }

  @Test
  void aRemoteThatComplainsOfMoreThanTheUsualIsGivenTheUsualAtLeast() {
    Window window = new Window(FAR, 0);
    Outcome limited = work(window, 0, 60, underway -> underway > 30);
    assertThat(limited.goodPerSecond()).isGreaterThan(16 * 50 * 0.95);
    assertThat(limited.badShare()).isLessThan(0.1);
  }

  @Test
  void whatWasFoundOutIsForgottenWhenNothingIsAskedForAWhile() {
    Window window = new Window(FAR, 0);
    work(window, 0, 10, underway -> false);
    assertThat(window.size()).isEqualTo(64);
    window.answered(false, 21_000 * MILLI);
    assertThat(window.size()).isEqualTo(16);
  }
}
