package dev.caravan.remote.flow;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.flow.Gate.Answer;
import java.time.Duration;
import java.util.Map;

/** What a failed call says of the remote. */
final class Answers {

  private static final Duration LONGEST_ASKED = Duration.ofMinutes(15);

  private Answers() {}

  static Answer of(RemoteException e) {
    return switch (e.reason()) {
      case NETWORK, THROTTLED, SERVER -> Answer.BAD;
      case CANCELLED -> Answer.NEUTRAL;
      case AUTHENTICATION,
          PERMISSION,
          NOT_THERE,
          TLS,
          CLOCK,
          FULL,
          READ_ONLY,
          CORRUPT,
          UNSUPPORTED,
          NO_SUCH_OBJECT,
          FOREIGN,
          OTHER ->
          Answer.GOOD;
    };
  }

  /** A batch of which some failed for a passing reason is a complaint. */
  static Answer of(Map<?, ?> failed) {
    boolean bad =
        failed.values().stream()
            .anyMatch(each -> each instanceof RemoteException e && of(e) == Answer.BAD);
    return bad ? Answer.BAD : Answer.GOOD;
  }

  /** How long the remote asked to be left alone; zero when it did not. */
  static Duration asked(RemoteException e) {
    Duration asked = e.retryAfter().orElse(Duration.ZERO);
    return asked.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : asked;
  }
}
