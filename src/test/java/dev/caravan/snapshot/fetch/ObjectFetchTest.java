package dev.caravan.snapshot.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.Remote.Conditions;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.memory.MemoryRemote;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that breaks off, of an object that is replaced or not meanwhile. */
class ObjectFetchTest {

  private static final ObjectKey KEY = new ObjectKey("file");
  private static final String OLD = "aaaaaaaaaa";
  private static final String NEW = "bbbbbbbbbb";

  private final MemoryRemote memory = new MemoryRemote("memory");
  private final ByteArrayOutputStream got = new ByteArrayOutputStream();
  private final List<String> opened = new ArrayList<>();
  private int cuts = 1;
  private int cutAfter = 4;
  private boolean judges = true;
  private Optional<String> replacement = Optional.empty();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMixOfTwoVersionsNeverComes(boolean condition) throws Exception {
    judges = condition;
    memory.put(KEY, new TextContent(OLD));
    replacement = Optional.of(NEW);

    String sha256 = fetch(OLD.length());

    assertThat(got.toString(UTF_8)).isEqualTo(NEW);
    assertThat(sha256).isEqualTo(new TextContent(NEW).sha256());
    assertThat(opened).containsExactly("0", condition ? "same 0" : "0");
    assertThat(cuts).isZero();
  }

  @Test
  void afterOneLookItGoesOnWhereItStopped() throws Exception {
    memory.put(KEY, new TextContent(OLD));
    cuts = 3;

    assertThat(fetch(OLD.length())).isEqualTo(new TextContent(OLD).sha256());

    assertThat(got.toString(UTF_8)).isEqualTo(OLD);
    assertThat(opened).containsExactly("0", "same 0", "same 4", "same 8");
  }

  @Test
  void whatIsReplacedWhileItsRestIsReadBeginsAnew() throws Exception {
    String first = "a".repeat(9 << 20);
    String second = "b".repeat(9 << 20);
    memory.put(KEY, new TextContent(first));
    replacement = Optional.of(second);
    cutAfter = 5 << 20;

    assertThat(fetch(first.length())).isEqualTo(new TextContent(second).sha256());

    assertThat(got.toString(UTF_8)).isEqualTo(second);
    assertThat(opened).containsExactly("same 0", "same " + cutAfter, "same 0");
  }

  @Test
  void whatGoesAwayMeanwhileIsSaidToBeMissing() throws Exception {
    memory.put(KEY, new TextContent(OLD));
    replacement = Optional.of("");

    assertThatThrownBy(() -> fetch(OLD.length()))
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
  }

  @Test
  void aStreamThatAlwaysBreaksAtTheSamePlaceIsGivenUp() throws Exception {
    judges = false;
    cuts = Integer.MAX_VALUE;
    memory.put(KEY, new TextContent(OLD));

    assertThatThrownBy(() -> fetch(OLD.length())).hasMessageContaining("broke off");

    assertThat(opened).hasSizeBetween(5, 6);
  }

  private String fetch(long sizeBytes) throws RemoteException, IOException {
    return new ObjectFetch(breaking(), KEY, sizeBytes)
        .read(
            new ObjectFetch.Sink() {
              @Override
              public void accept(ByteBuffer bytes) {
                got.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
              }

              @Override
              public void restart() {
                got.reset();
              }
            });
  }

  /** Cuts streams, and puts another object in its place with the first cut. */
  private Remote breaking() {
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Remote.class},
            (self, method, arguments) -> {
              if (method.getName().equals("open")) {
                opened.add(arguments[1].toString());
                return cut(memory.open(KEY, (Long) arguments[1], -1));
              }
              if (method.getName().equals("conditions")) {
                return judges ? memory.conditions().map(this::breaking) : Optional.empty();
              }
              try {
                return method.invoke(memory, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Conditions breaking(Conditions conditions) {
    return (Conditions)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(),
            new Class<?>[] {Conditions.class},
            (self, method, arguments) -> {
              opened.add("same " + arguments[1]);
              try {
                return cut((InputStream) method.invoke(conditions, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private InputStream cut(InputStream whole) throws Exception {
    if (cuts == 0) {
      return whole;
    }
    cuts--;
    byte[] begin = whole.readNBytes(cutAfter);
    if (replacement.isPresent() && replacement.get().isEmpty()) {
      memory.lose(KEY);
    } else if (replacement.isPresent()) {
      memory.put(KEY, new TextContent(replacement.get()));
    }
    replacement = Optional.empty();
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("cut");
          }
        };
    return new SequenceInputStream(new ByteArrayInputStream(begin), broken);
  }
}
