package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.it.Versions.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VersionsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void everyCompleteVersionIsAcceptedAndEveryTornOneIsNot(Way way) throws Exception {
    Path file = folder.resolve("f");
    byte[] older = {};
    for (int version = 0; version < 60; version++) {
      way.write(file, version);
      byte[] content = Files.readAllBytes(file);
      assertThat(way.fault(content)).isEmpty();
      assertThat(way.fault(Arrays.copyOf(content, content.length - 1))).isPresent();
      assertThat(way.fault(Arrays.copyOf(content, content.length + 1))).isPresent();
      if (way != Way.APPEND && older.length > 0) {
        byte[] mixed = content.clone();
        int half = Math.min(older.length, mixed.length) / 2;
        System.arraycopy(older, 0, mixed, 0, half);
        assertThat(way.fault(mixed)).isPresent();
      }
      older = content;
    }
  }
}
