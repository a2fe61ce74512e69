package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.RsyncSettings;
import dev.caravan.remote.rsync.RsyncCommand.Way;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RsyncCommandTest {

  private static final Optional<String> SOCKET = Optional.of("/tmp/x/ssh");

  private static RsyncSettings settings(String host, String key) {
    return new RsyncSettings(
        "nas",
        Optional.of(host).filter(text -> !text.isEmpty()),
        2222,
        "/srv/backup",
        Optional.of(Path.of(key)),
        Path.of("/home/me/known hosts"),
        true,
        Optional.of("5m"),
        Optional.of("g+rX"),
        8);
  }

  private static List<String> push(String host, Way way) {
    return new RsyncCommand(settings(host, "/k/100% mine"), Duration.ofMinutes(5))
        .push("/tmp/x", "/tmp/x/list-1", "/srv/a b", way, SOCKET);
  }

  @Test
  void toAServerItGoesThroughAnSshThatTrustsAndAsksNobody() {
    List<String> push = push("me@nas", Way.WHOLE);
    assertThat(push).startsWith("rsync", "--from0", "--files-from=/tmp/x/list-1");
    assertThat(push).endsWith("--", "/tmp/x/", "nas:/srv/a b/");
    assertThat(push)
        .contains("--protect-args", "--inplace", "--times", "--perms", "--timeout=300")
        .contains("--compress", "--bwlimit=5m", "--chmod=g+rX", "--whole-file", "--ignore-times")
        .doesNotContain("--append", "--size-only");
    assertThat(push.stream().filter(word -> word.startsWith("--rsh=")))
        .singleElement()
        .asString()
        .startsWith("--rsh='ssh' '-F' 'none' '-T' '-p' '2222' '-l' 'me' '-i' '/k/100%% mine' ")
        .contains(" '-o' 'BatchMode=yes' ", " 'StrictHostKeyChecking=yes' ")
        .contains(" 'UserKnownHostsFile=\"/home/me/known hosts\"' ", " 'IdentitiesOnly=yes' ")
        .contains(" 'IdentityAgent=none' ", " 'ServerAliveInterval=20' ")
        .endsWith(" 'ControlPath=\"/tmp/x/ssh\"'");
  }

  @Test
  void toAFolderHereItNeedsNoSshAndNoCompression() {
    assertThat(push("", Way.WHOLE))
        .endsWith("--", "/tmp/x/", "/srv/a b/")
        .contains("--bwlimit=5m", "--chmod=g+rX")
        .noneMatch(word -> word.startsWith("--rsh") || word.equals("--compress"));
  }

  @Test
  void whatIsThereIsGoneOnWithOrOnlyDescribedWhereThatIsAskedFor() {
    assertThat(push("nas", Way.ONWARD))
        .contains("--append", "--ignore-times")
        .doesNotContain("--whole-file", "--size-only");
    assertThat(push("nas", Way.ATTRIBUTES))
        .contains("--size-only")
        .doesNotContain("--whole-file", "--append", "--ignore-times");
  }

  @ParameterizedTest
  @CsvSource({"nas,nas:/srv/a b/", "me@10.0.0.1,10.0.0.1:/srv/a b/", "me@::1,[::1]:/srv/a b/"})
  void theAddressIsWrittenAsRsyncReadsIt(String host, String destination) {
    assertThat(push(host, Way.WHOLE)).endsWith(destination);
  }

  @Test
  void theSharedLineIsTheSameSshThatDoesNothing() {
    RsyncSettings settings = settings("me@nas", "/k");
    List<String> line =
        new RsyncCommand(settings, Duration.ofMinutes(5))
            .line(settings.server().orElseThrow(), "/tmp/x/ssh");
    assertThat(line).startsWith("ssh", "-F", "none").endsWith("ControlMaster=yes", "nas");
    assertThat(line).contains("StrictHostKeyChecking=yes", "BatchMode=yes", "-N");
  }

  @Test
  void theChildLearnsNothingOfOurSecrets() {
    Map<String, String> ours =
        Map.of(
            "PATH",
            "/bin",
            "HOME",
            "/root",
            "AWS_SECRET_ACCESS_KEY",
            "x",
            "SSH_AUTH_SOCK",
            "y",
            "RSYNC_RSH",
            "z",
            "LC_ALL",
            "de_DE.UTF-8");
    assertThat(RsyncCommand.environment(ours))
        .containsOnly(
            Map.entry("PATH", "/bin"), Map.entry("HOME", "/root"), Map.entry("LC_ALL", "C"));
  }
}
