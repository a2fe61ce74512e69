package dev.caravan.remote.rclone.rcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the child learns of our environment. */
class ChildEnvironmentTest {

  @Test
  void whatItsStoragesNeedComesThroughAndNothingElse() {
    List<String> wanted =
        List.of("PATH", "HOME", "XDG_CONFIG_HOME", "https_proxy", "NO_PROXY", "SSH_AUTH_SOCK");
    List<String> credentials =
        List.of("AWS_PROFILE", "RCLONE_CONFIG", "RCLONE_CONFIG_PASS", "RCLONE_CONFIG_X_TYPE");
    List<String> unwanted =
        List.of("AWS_CA_BUNDLE", "CARAVAN_TOKEN", "S3_SECRET", "LD_PRELOAD", "JAVA_TOOL_OPTIONS");
    List<String> harmful =
        List.of("RCLONE_DRY_RUN", "RCLONE_RC_ADDR", "RCLONE_LOG_FILE", "RCLONE_MAX_TRANSFER");
    Map<String, String> ours = new HashMap<>();
    List.of(wanted, credentials, unwanted, harmful)
        .forEach(names -> names.forEach(name -> ours.put(name, "x")));
    Map<String, String> environment = ChildEnvironment.of(ours);
    assertThat(environment).containsOnlyKeys(concat(wanted, credentials));
  }

  private static List<String> concat(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }
}
