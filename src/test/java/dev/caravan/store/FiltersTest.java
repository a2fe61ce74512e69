package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FiltersTest {
  @Test
  void excludeWinsOverInclude() {
    Filters filters = new Filters(List.of("data/**", "*.txt"), List.of("**/*.tmp", "data/old/**"));

    assertThat(filters.admits(StorePath.of("data/a/b"))).isTrue();
    assertThat(filters.admits(StorePath.of("x.txt"))).isTrue();
    assertThat(filters.admits(StorePath.of("data/x.tmp"))).isFalse();
    assertThat(filters.admits(StorePath.of("data/old/x"))).isFalse();
    assertThat(filters.admits(StorePath.of("other/x"))).isFalse();
  }

  @Test
  void noIncludeAdmitsNothing() {
    assertThat(new Filters(List.of(), List.of()).admits(StorePath.of("a"))).isFalse();
  }

  @Test
  void aFolderIsLeftOutOnlyWhenNothingBelowCanBeAdmitted() {
    Filters filters = new Filters(List.of("data/*/x/**", "logs/**"), List.of("**/.git/**"));

    assertThat(filters.mayAdmitBelow("data")).isTrue();
    assertThat(filters.mayAdmitBelow("data/a")).isTrue();
    assertThat(filters.mayAdmitBelow("other")).isFalse();
    assertThat(filters.mayAdmitBelow("logs/.git")).isFalse();
    assertThat(filters.mayAdmitBelow("logs/.github")).isTrue();
  }

  @Test
  void noFileIsAdmittedBelowAFolderThatWasLeftOut() {
    long seed = 4711;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      Filters filters =
          new Filters(
              List.of(random.nextBoolean() ? "**" : pattern(random), pattern(random)),
              List.of(pattern(random), pattern(random) + "/**"));
      String folder = path(random);
      String file = folder + "/" + path(random);
      if (filters.admits(StorePath.of(file))) {
        assertThat(filters.mayAdmitBelow(folder)).as("seed %d: %s", seed, file).isTrue();
      }
    }
  }

  private static String pattern(Random random) {
    return join(random, List.of("a", "b", "*", "**", "a*", "?", "*.c"));
  }

  private static String path(Random random) {
    return join(random, List.of("a", "b", "ab", "x.c"));
  }

  private static String join(Random random, List<String> segments) {
    StringBuilder path = new StringBuilder(segments.get(random.nextInt(segments.size())));
    for (int more = random.nextInt(3); more > 0; more--) {
      path.append('/').append(segments.get(random.nextInt(segments.size())));
    }
    return path.toString();
  }
}
