package dev.caravan.snapshot.rclone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.snapshot.env.MoverEnvironment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the rclone binary is asked to do, and what it is told of the environment. */
class RcloneBackupTest {

  private final Map<String, String> env =
      new LinkedHashMap<>(
          Map.of(
              "AWS_ACCESS_KEY_ID", "key",
              "AWS_SECRET_ACCESS_KEY", "the-secret",
              "AWS_SESSION_TOKEN", "the-token",
              "BUCKET_HOST", "localhost",
              "BUCKET_NAME", "bucket",
              "MOVER_ENGINE", "rclone"));

  @Test
  void onlyWhatChangesNothingButHowItWorksIsHandedOn() {
    env.put("RCLONE_TRANSFERS", "8");
    env.put("RCLONE_MULTI_THREAD_STREAMS", "4");
    env.put("RCLONE_BW_LIMIT", "10M");
    env.put("RCLONE_S3_CHUNK_SIZE", "16M");
    env.put("RCLONE_CONFIG", "/somewhere/rclone.conf");
    env.put("RCLONE_SOMETHING_NEW", "1");
    env.put("RCLONE_DRY_RUN", "false");
    Map<String, String> child = backup().environment();
    assertThat(child)
        .containsEntry("RCLONE_TRANSFERS", "8")
        .containsEntry("RCLONE_MULTI_THREAD_STREAMS", "4")
        .containsEntry("RCLONE_BWLIMIT", "10M")
        .containsEntry("RCLONE_S3_CHUNK_SIZE", "16M")
        .containsEntry("RCLONE_CONFIG", "/dev/null")
        .doesNotContainKeys("RCLONE_BW_LIMIT", "RCLONE_SOMETHING_NEW", "RCLONE_DRY_RUN")
        .doesNotContainKeys("AWS_SECRET_ACCESS_KEY", "BUCKET_NAME");
  }

  @Test
  void aFolderOfAnotherIsLeftOutByItsLiteralName() {
    List<String> mirror = backup().arguments("", List.of("a[1]*"), 30);
    assertThat(mirror)
        .startsWith("rclone", "sync")
        .containsSequence("--filter", "- /.caravan/**", "--filter", "- /a\\[1\\]\\*/**")
        .containsSequence("--max-delete", "30")
        .noneMatch(each -> each.contains("the-secret"));
    env.put("DELETE_EXTRANEOUS", "false");
    assertThat(backup().arguments("", List.of("x"), 30))
        .startsWith("rclone", "copy")
        .contains("- /x/**")
        .doesNotContain("--max-delete");
  }

  @Test
  void whatItTellsHasNoKey() {
    assertThat(backup().masked("X-Amz-Security-Token: abc")).doesNotContain("abc");
    assertThat(backup().masked("a the-token b the-secret c")).isEqualTo("a *** b *** c");
  }

  private RcloneBackup backup() {
    return new RcloneBackup(MoverEnvironment.read(env).settings(), env, line -> {});
  }
}
