package dev.caravan.snapshot.env;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Secret;
import dev.caravan.remote.flow.Room;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The environment of a mover. */
class MoverEnvironmentTest {

  private final Map<String, String> env =
      new LinkedHashMap<>(
          Map.of(
              "AWS_ACCESS_KEY_ID", "key",
              "AWS_SECRET_ACCESS_KEY", "the-secret",
              "BUCKET_HOST", "minio.example.org",
              "BUCKET_NAME", "backups"));

  @Test
  void defaultsAreThoseOfTheUpstreamImage() {
    MoverSettings settings = settings();
    assertThat(settings.bucket().endpoint()).contains(URI.create("https://minio.example.org:443"));
    assertThat(settings.bucket().region()).isEqualTo("us-east-1");
    assertThat(settings.bucket().prefix()).isEmpty();
    assertThat(settings.bucket().secretAccessKey().map(Secret::reveal)).contains("the-secret");
    assertThat(settings.source()).isEqualTo(Path.of("/data"));
    assertThat(settings.dated()).isFalse();
    assertThat(settings.safety().deleteExtraneous()).isTrue();
    assertThat(settings.safety().verify()).isFalse();
    assertThat(settings.keep().keepsAll()).isTrue();
    assertThat(settings.tuning().transfers()).isEqualTo(new Room(16, 64));
    assertThat(settings.toString()).doesNotContain("the-secret");
  }

  @Test
  void whatIsSetIsHeeded() {
    set("TLS_HOST", "false", "BUCKET_PORT", "9000", "ADD_TIMESTAMP_PREFIX", "true");
    set("CUSTOM_PATH_PREFIX", "/team/pvc/", "BACKUP_TIMESTAMP", "2026-11-21-032800");
    set("RETENTION_DAYS", "7", "RETENTION_KEEP_WEEKLY", "4", "RCLONE_TRANSFERS", "3");
    set("RCLONE_BW_LIMIT", "10M", "RCLONE_MULTI_THREAD_CUTOFF", "64M", "RCLONE_VERBOSE", "1");
    MoverSettings settings = settings();
    assertThat(settings.bucket().endpoint()).contains(URI.create("http://minio.example.org:9000"));
    assertThat(settings.bucket().prefix()).isEqualTo("team/pvc");
    assertThat(settings.timestamp()).contains("2026-11-21-032800");
    assertThat(settings.keep().days()).isEqualTo(7);
    assertThat(settings.keep().weekly()).isEqualTo(4);
    assertThat(settings.tuning().transfers()).isEqualTo(Room.of(3));
    assertThat(settings.tuning().partsAboveBytes()).isEqualTo(64L << 20);
    assertThat(settings.tuning().talk()).isEqualTo(MoverTuning.Talk.FILES);
    assertThat(settings.tuning().bandwidth().orElseThrow().limitAt(LocalTime.NOON))
        .isEqualTo(OptionalLong.of(10L << 20));
  }

  @Test
  void questionsHavePlacesOfTheirOwn() {
    assertThat(settings().tuning().room()).isEqualTo(new Room(16, 64).withoutBreaks());
    set("RCLONE_TRANSFERS", "3");
    assertThat(settings().tuning().room()).isEqualTo(Room.of(16).withoutBreaks());
    set("RCLONE_CHECKERS", "2");
    assertThat(settings().tuning().room()).isEqualTo(Room.of(3).withoutBreaks());
    set("RCLONE_TRANSFERS", "100", "RCLONE_CHECKERS", "40");
    assertThat(settings().bucket().transfers()).isEqualTo(100);
  }

  @Test
  void everyProblemIsFoundAtOnce() {
    set("AWS_SECRET_ACCESS_KEY", " ", "TLS_HOST", "TRUE", "BUCKET_PORT", "70000");
    set("BUCKET_HOST", "https://minio:9000", "CUSTOM_PATH_PREFIX", "a/../b");
    set("MAX_DELETE", "lots", "RETENTION_DAYS", "-1", "BACKUP_TIMESTAMP", "2026-13-01-000000");
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    assertThat(read.problems()).contains("TLS_HOST: 'TRUE' is not known; write true or false");
    assertThat(read.problems().stream().map(line -> line.replaceFirst("[: ].*", "")))
        .containsExactlyInAnyOrder(
            "AWS_SECRET_ACCESS_KEY",
            "TLS_HOST",
            "BUCKET_PORT",
            "BUCKET_HOST",
            "CUSTOM_PATH_PREFIX",
            "MAX_DELETE",
            "RETENTION_DAYS",
            "BACKUP_TIMESTAMP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_SESSION_TOKEN"})
  void whatCannotBeSentIsNoFaultOfTheServers(String name) {
    for (String value : new String[] {"two words", "two\nlines", "caf\u00e9"}) {
      set(name, value);
      assertThat(MoverEnvironment.read(env).problems())
          .singleElement()
          .asString()
          .startsWith(name + ": ")
          .doesNotContain(value);
    }
    set(name, "one-line\r\n");
    assertThat(MoverEnvironment.read(env).problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minio_server",
        "minio.1a",
        "10.0.0.300",
        "a-.b",
        "user:word@minio",
        "a b",
        "[::",
        "::1::",
        "a:b"
      })
  void aHostThatNobodyCanConnectToIsRefused(String host) {
    set("BUCKET_HOST", host);
    assertThat(MoverEnvironment.read(env).problems())
        .singleElement()
        .asString()
        .startsWith("BUCKET_HOST")
        .doesNotContain("word@");
  }

  @ParameterizedTest
  @ValueSource(strings = {"minio", "minio.ns.svc.cluster.local", "10.0.0.3", "[::1]", "a-b.c1"})
  void aHostMayBeANameOrAnAddress(String host) {
    set("BUCKET_HOST", host);
    assertThat(settings().bucket().endpoint()).contains(URI.create("https://" + host + ":443"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "fd00::12:9", "2001:db8:1:2:3:4:5:6", "::ffff:10.0.0.3"})
  void anAddressMayLackItsBrackets(String host) {
    set("BUCKET_HOST", host);
    assertThat(settings().bucket().endpoint()).contains(URI.create("https://[" + host + "]:443"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-2026-11-21-032800", "+12026-11-21-032800", "2026-11-21", "x"})
  void aTimeThatIsNotFoundAgainIsRefused(String time) {
    set("BACKUP_TIMESTAMP", time);
    assertThat(MoverEnvironment.read(env).problems()).hasSize(1);
  }

  @Test
  void filesNeedNotGoInPartsAndWeekdaysAreExplained() {
    set("RCLONE_MULTI_THREAD_CUTOFF", "off");
    assertThat(settings().tuning().partsAboveBytes()).isEqualTo(5L << 30);
    set("RCLONE_BWLIMIT", "Mon-08:00,1M");
    assertThat(MoverEnvironment.read(env).problems())
        .singleElement()
        .asString()
        .contains("weekdays");
  }

  @Test
  void whatMeansNothingHereIsNotedAndOnlyThere() {
    set("RCLONE_MULTI_THREAD_STREAMS", "4");
    assertThat(MoverEnvironment.read(env).notes())
        .singleElement()
        .asString()
        .contains("RCLONE_MULTI_THREAD_STREAMS means nothing")
        .contains("MOVER_ENGINE=rclone heeds it");
    set("RCLONE_DRY_RUN", "true");
    assertThat(MoverEnvironment.read(env).notes())
        .contains("RCLONE_DRY_RUN means nothing to the native engine");
    env.remove("RCLONE_DRY_RUN");
    set("MOVER_ENGINE", "rclone", "RCLONE_TRANSFERS", "not ours to read");
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    assertThat(read.problems()).isEmpty();
    assertThat(read.notes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "RCLONE_DELETE_EXCLUDED, true",
    "RCLONE_DRY_RUN, 1",
    "RCLONE_INTERACTIVE, true",
    "RCLONE_INCLUDE, *.jpg",
    "RCLONE_INCLUDE_FROM, /f",
    "RCLONE_EXCLUDE_IF_PRESENT, .nobackup",
    "RCLONE_FILTER, - x",
    "RCLONE_FILTER_FROM, /f",
    "RCLONE_FILES_FROM_RAW, /f",
    "RCLONE_MAX_AGE, 1d",
    "RCLONE_MIN_SIZE, 1k",
    "RCLONE_MAX_TRANSFER, 1G",
    "RCLONE_MAX_DELETE, 100",
    "RCLONE_MAX_DELETE, 0",
    "RCLONE_MAX_DEPTH, 0",
    "RCLONE_IGNORE_ERRORS, true",
    "RCLONE_IGNORE_EXISTING, true",
    "RCLONE_EXISTING, true",
    "RCLONE_SIZE_ONLY, true",
    "VERIFY_BACKUP, true",
  })
  void whatWouldMakeRcloneLeaveOutOrDeleteIsRefused(String name, String value) {
    set(name, value);
    assertThat(MoverEnvironment.read(env).problems()).as("the native engine").isEmpty();
    set("MOVER_ENGINE", "rclone");
    assertThat(MoverEnvironment.read(env).problems())
        .singleElement()
        .asString()
        .startsWith(name)
        .doesNotContain("is is");
  }

  @Test
  void whatHasNoEffectOnRcloneIsNoted() {
    set("MOVER_ENGINE", "rclone", "RCLONE_SOMETHING_NEW", "1", "RETENTION_DAYS", "7");
    set("RCLONE_TRANSFERS", "8", "RCLONE_CHECKERS", "16", "RCLONE_MULTI_THREAD_CUTOFF", "50M");
    set("RCLONE_MULTI_THREAD_STREAMS", "4", "RCLONE_VERBOSE", "1", "RCLONE_LOG_LEVEL", "INFO");
    set("RCLONE_DUMP", "headers", "RCLONE_BW_LIMIT", "10M", "RCLONE_DRY_RUN", "false");
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    assertThat(read.problems()).isEmpty();
    assertThat(read.notes()).hasSize(2);
    assertThat(read.notes().get(0)).startsWith("RCLONE_SOMETHING_NEW");
    assertThat(read.notes().get(1)).startsWith("RETENTION_DAYS");
  }

  @ParameterizedTest
  @CsvSource({
    "100, 102400",
    "50M, 52428800",
    "1.5k, 1536",
    "7B, 7",
    "2G, 2147483648",
    "1Mi, 1048576",
  })
  void sizesAreReadAsRcloneReadsThem(String text, long bytes) {
    assertThat(RcloneValues.size(text)).isEqualTo(bytes);
  }

  @Test
  void bandwidthsMayHaveATimetable() {
    var limits = RcloneValues.bandwidth("08:00,512k 19:00,off");
    assertThat(limits.limitAt(LocalTime.of(9, 0))).isEqualTo(OptionalLong.of(512 << 10));
    assertThat(limits.limitAt(LocalTime.of(20, 0))).isEmpty();
    assertThat(RcloneValues.bandwidth("10M:1M").limitAt(LocalTime.NOON))
        .isEqualTo(OptionalLong.of(10 << 20));
  }

  private MoverSettings settings() {
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    assertThat(read.problems()).isEmpty();
    return read.settings();
  }

  private void set(String... pairs) {
    List<String> all = List.of(pairs);
    for (int i = 0; i < all.size(); i += 2) {
      env.put(all.get(i), all.get(i + 1));
    }
  }
}
