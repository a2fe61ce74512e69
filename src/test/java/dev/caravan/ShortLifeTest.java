package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShortLifeTest {

  /** Runs in a JVM of its own, for what it does to one cannot be taken back. */
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      System.out.print(ShortLife.expect());
    }
  }

  /** Says how big its heap is, which began with 256 MiB. */
  public static final class SmallChild {
    private SmallChild() {}

    public static void main(String[] args) {
      ShortLife.startSmall();
      System.out.print(Runtime.getRuntime().totalMemory() >> 20);
    }
  }

  @Test
  void theHeapBeginsSmall() throws Exception {
    assertThat(heapOf(SmallChild.class)).isLessThanOrEqualTo(128);
  }

  /** Makes garbage until its heap, which began with 256 MiB, is small, and says how big it is. */
  public static final class KeptChild {
    private KeptChild() {}

    public static void main(String[] args) {
      ShortLife.keepSmall();
      long made = 0;
      while (Runtime.getRuntime().totalMemory() > 112L << 20 && made < 40L << 30) {
        made += new byte[64 << 10].length;
      }
      System.out.print(Runtime.getRuntime().totalMemory() >> 20);
    }
  }

  @Test
  void aHeapThatIsLargerThanItNeedsToBeIsMadeSmaller() throws Exception {
    assertThat(heapOf(KeptChild.class)).isLessThanOrEqualTo(112);
  }

  @Test
  void theJvmTakesTheDirectives() throws Exception {
    assertThat(run(Child.class)).isEqualTo("true");
  }

  /** In MiB, of a child whose heap begins with 256. */
  private static int heapOf(Class<?> child) throws IOException, InterruptedException {
    return Integer.parseInt(run(child, "-XX:InitialHeapSize=256m", "-XX:+UseG1GC"));
  }

  /** What the child says last. */
  private static String run(Class<?> main, String... options)
      throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"));
    builder.command().addAll(List.of(options));
    builder.command().add(main.getName());
    Process child = builder.redirectErrorStream(true).start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    return said.replaceAll("(?s).*\\n", "");
  }
}
