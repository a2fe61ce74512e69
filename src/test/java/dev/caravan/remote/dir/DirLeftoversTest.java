package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.event.ForwardingContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.BufferedReader;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Puts that are killed, stopped or spoiled: nothing becomes visible, and nothing is left. */
class DirLeftoversTest {

  private static final Instant NOW = Instant.parse("2026-05-06T23:30:00Z");
  private static final ObjectKey KEY = new ObjectKey("a/b/c");

  @TempDir Path base;
  private Path root;
  private Remote remote;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(base.resolve("root"));
    remote = at(NOW, 1);
    remote.probe();
  }

  private Remote at(Instant now, long token) {
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    return new DirRemote(new DirSettings("disk", root, false), clock, token);
  }

  @Test
  void whatAKilledProcessLeftOfAKeyIsSweptAndNothingElse() throws Exception {
    Path tmp = root.resolve(".caravan/tmp");
    DirTemps killed = new DirTemps(99);
    Path ours = Files.createFile(killed.begin(tmp, KEY));
    Path others = Files.createFile(killed.begin(tmp, new ObjectKey("other")));
    Path beside = Files.createFile(killed.begin(Files.createDirectories(root.resolve("a/b")), KEY));
    assertThat(keys()).isEmpty();
    remote.sweep(KEY, Instant.now());
    assertThat(ours).doesNotExist();
    assertThat(beside).doesNotExist();
    assertThat(others).exists();
    at(Instant.now().plus(Duration.ofHours(2)), 2).sweep(KEY, Instant.now());
    assertThat(others).doesNotExist();
  }

  @Test
  void aProcessThatIsKilledHalfWayLeavesNothingThatASweepDoesNotRemove() throws Exception {
    remote.put(KEY, TestContent.of("the old version"));
    String classes = placeOf(DirRemote.class) + File.pathSeparator + placeOf(getClass());
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(java, "-cp", classes, DirKilledProbe.class.getName(), root.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("half way");
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).isEqualTo(128 + 9);
    assertThat(root.resolve(".caravan/tmp")).isNotEmptyDirectory();
    assertThat(keys()).containsExactly("a/b/c");
    assertThat(root.resolve("a/b/c")).hasContent("the old version");
    remote.sweep(KEY, Instant.now());
    assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
  }

  private static Path placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @Test
  void aThreadThatIsToldToStopLeavesNothing() throws Exception {
    TestContent content = TestContent.of("x").onRead(() -> Thread.currentThread().interrupt());
    assertThat(causeOf(() -> remote.put(KEY, content))).isEqualTo(Cause.CANCELLED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(keys()).isEmpty();
    assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
  }

  @Test
  void aLivePutIsNotSwept() throws Exception {
    List<Integer> swept = new ArrayList<>();
    TestContent content =
        TestContent.of("x")
            .onRead(
                () -> {
                  try {
                    remote.sweep(KEY, NOW);
                    swept.add(1);
                  } catch (RemoteException e) {
                    throw new AssertionError(e);
                  }
                });
    remote.put(KEY, content);
    assertThat(swept).isNotEmpty();
    assertThat(root.resolve("a/b/c")).hasContent("x");
  }

  @Test
  void bytesThatReadOtherwiseThanTheyWereWrittenAreNotStored() throws Exception {
    TestContent content = TestContent.ofSize(1_000, 1);
    Spoiled spoiled = new Spoiled(content, root.resolve(".caravan/tmp"));
    assertThat(causeOf(() -> remote.put(KEY, spoiled))).isEqualTo(Cause.CORRUPT);
    assertThat(spoiled.done).hasSize(1);
    assertThat(keys()).isEmpty();
    assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
  }

  private List<String> keys() throws Exception {
    List<String> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    return keys;
  }

  private static Cause causeOf(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n");
    return e.reason();
  }

  /** Once all is read, flips a byte of what was written: a disk that does not keep its word. */
  private static final class Spoiled extends ForwardingContent {
    private final Path tmp;
    private final List<Path> done = new ArrayList<>();

    Spoiled(TestContent content, Path tmp) {
      super(content);
      this.tmp = tmp;
    }

    @Override
    public InputStream open(long offset, long length) throws IOException {
      return new FilterInputStream(super.open(offset, length)) {
        @Override
        public void close() throws IOException {
          try (Stream<Path> temps = Files.list(tmp)) {
            Path temp = temps.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(temp);
            bytes[0] ^= 1;
            Files.write(temp, bytes);
            done.add(temp);
          }
        }
      };
    }

    @Override
    public void ensureUnchanged() {}
  }
}
