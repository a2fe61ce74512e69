package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.rsync.RsyncEnd.How;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is run here is a shell in the place of rsync, which can do whatever a child may do. */
class RsyncChildTest {

  private static final RsyncLimits QUICK =
      new RsyncLimits(Duration.ofMillis(20), Duration.ofMillis(600), Duration.ofSeconds(2), 1);

  @TempDir Path folder;

  private RsyncEnd run(String script, RsyncChild.Need need, String... arguments) {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    command.addAll(List.of(arguments));
    return RsyncChild.run(command, Map.of("PATH", "/usr/bin:/bin"), QUICK, need);
  }

  private RsyncEnd run(String script, String... arguments) {
    return run(script, toldToStop -> toldToStop, arguments);
  }

  @Test
  void itsCodeAndItsWordsAreKept() {
    RsyncEnd end = run("echo one >&2; echo out; echo two >&2; exit 23");
    assertThat(end).isEqualTo(new RsyncEnd(How.BY_ITSELF, 23, List.of("one", "two")));
    assertThat(end.isPartial()).isTrue();
    assertThat(run("exit 0").isGood()).isTrue();
  }

  @Test
  void ofManyWordsTheFirstAndTheLastAreKept() {
    RsyncEnd end = run("i=0; while [ $i -lt 5000 ]; do echo word $i >&2; i=$((i+1)); done");
    assertThat(end.words()).hasSize(40).startsWith("word 0").endsWith("word 4999");
  }

  @Test
  void argumentsArriveAsTheBytesTheyAre() throws Exception {
    String odd = "a ' \" \\0101 $HOME `id` \n\u00e9\u4e2d ‛FF %s\n";
    Path file = folder.resolve("arguments");
    String script = "f=$1; shift; printf '%s|' \"$@\" >\"$f\"";
    assertThat(run(script, file.toString(), odd, "", "-n").isGood()).isTrue();
    byte[] raw = "a ' \" \\0101 $HOME `id` \n\u00e9\u4e2d ".getBytes(StandardCharsets.UTF_8);
    String expected = new String(raw, StandardCharsets.ISO_8859_1) + "\u00ff %s\n||-n|";
    assertThat(Files.readAllBytes(file)).isEqualTo(expected.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void onlyAChildThatIsSilentForLongIsGivenUp() {
    assertThat(run("for i in 1 2 3 4 5; do echo $i; sleep 0.3; done").isGood()).isTrue();
    long since = System.nanoTime();
    assertThat(run("echo once; sleep 60").how()).isEqualTo(How.STALLED);
    assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void oneThatDoesNotListenIsEndedByForce() {
    RsyncEnd end = run("trap '' TERM; while true; do sleep 1; done", toldToStop -> true);
    assertThat(end.how()).isEqualTo(How.UNWANTED);
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void aThreadThatIsToldToStopIsToldAgainAfterwards() {
    Thread.currentThread().interrupt();
    assertThat(run("sleep 60").how()).isEqualTo(How.UNWANTED);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aProgramThatIsNotThereIsAnExitCode() {
    RsyncEnd end =
        RsyncChild.run(List.of("no-such-rsync"), Map.of("PATH", "/bin"), QUICK, told -> false);
    assertThat(end.code()).isEqualTo(127);
    assertThat(end.words()).anyMatch(word -> word.contains("not found"));
  }
}
