package dev.caravan.remote.rsync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.RemoteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What md5sum says is read for whatever name. */
class Md5ChildTest {

  private static final String MD5 = "0123456789abcdef0123456789abcdef";

  private static Map<String, String> parse(String text) {
    return Md5Child.parse(text.getBytes(UTF_8));
  }

  @Test
  void plainNamesAndNamesWithBlanksAreRead() {
    assertThat(parse(MD5 + "  a b\n" + MD5 + " *binary\n"))
        .containsOnly(Map.entry("a b", MD5), Map.entry("binary", MD5));
  }

  @Test
  void aLineThatBeginsWithABackslashHasItsNameEscaped() {
    assertThat(parse("\\" + MD5 + "  new\\nline\\\\ and\\rmore\n"))
        .containsOnly(Map.entry("new\nline\\ and\rmore", MD5));
  }

  @Test
  void aBackslashInALineThatIsNotEscapedIsItself() {
    assertThat(parse(MD5 + "  back\\nslash\n")).containsOnly(Map.entry("back\\nslash", MD5));
  }

  @TempDir Path links;

  private Md5Child child(Duration limit) {
    LinkFolder lists = new LinkFolder(links.resolve("lists"));
    return new Md5Child(System.getenv(), new RsyncErrors("far", "host:/x"), lists, limit);
  }

  @Test
  void aStopIsNoAnswer(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("a"), "a");
    Md5Child child = child(Duration.ofSeconds(10));
    assertThat(child.ofFolder(folder, List.of("a", "b"), () -> false).found())
        .containsOnlyKeys("a");
    assertThatThrownBy(() -> child.ofFolder(folder, List.of("a", "b"), () -> true))
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.CANCELLED));
  }

  @Test
  void whatCannotBeReadIsNotTakenForGone(@TempDir Path folder) throws Exception {
    Files.createDirectory(folder.resolve("d"));
    RsyncTree.Sums sums =
        child(Duration.ofSeconds(10)).ofFolder(folder, List.of("d", "gone"), () -> false);
    assertThat(sums.found()).isEmpty();
    assertThat(sums.unreadable()).containsExactly("d");
  }

  @Test
  void whatWasSaidInTimeCountsWhenItTakesTooLong() throws Exception {
    String slowly = "echo '" + MD5 + "  a'; printf '" + MD5.substring(1) + "'; sleep 60";
    RsyncTree.Sums sums =
        child(Duration.ofSeconds(1))
            .ask(List.of("/bin/sh", "-c", slowly), new byte[0], () -> false);
    assertThat(sums.timedOut()).isTrue();
    assertThat(sums.found()).containsOnly(Map.entry("a", MD5));
  }

  @Test
  void bytesThatAreNoTextSurvive() {
    byte[] line = (MD5 + "  x").getBytes(UTF_8);
    line[line.length - 1] = (byte) 0xFF;
    assertThat(Md5Child.parse(line)).containsOnly(Map.entry("\u201BFF", MD5));
  }

  @Test
  void whatIsNoChecksumIsPassedOver() {
    assertThat(parse("md5sum: x: No such file\n\n" + MD5 + "\n" + MD5 + "  \n")).isEmpty();
    assertThat(parse("")).isEmpty();
  }
}
