package dev.caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.store.scan.StoreProbe;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLockTest {
  @TempDir Path folder;

  @Test
  void aSecondProcessIsRefusedByNameUntilTheFirstIsKilled() throws Exception {
    Path state = folder.resolve("state");
    Process holder = StoreProbe.start(List.of(), List.of(), "lock", state);
    try (BufferedReader output = holder.inputReader()) {
      assertThat(output.readLine()).startsWith("locked");

      assertThatThrownBy(() -> StoreLock.acquire(state))
          .isInstanceOf(StoreLock.HeldException.class)
          .hasMessageContaining(state.toString())
          .hasMessageContaining("process " + holder.pid() + " ")
          .hasMessageContaining("stop that Caravan first");

      holder.destroyForcibly().waitFor();
      StoreLock.acquire(state).close();
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void aSecondHolderInTheSameProcessIsRefusedAndTheFirstKeepsTheLock() throws Exception {
    try (StoreLock lock = StoreLock.acquire(folder)) {
      assertThatThrownBy(() -> StoreLock.acquire(folder))
          .isInstanceOf(StoreLock.HeldException.class)
          .hasMessageContaining("this same process");
      System.gc();

      assertThat(outputOfProbe()).contains("is in use by process " + ProcessHandle.current().pid());
      assertThat(lock).isNotNull();
    }
    assertThat(outputOfProbe()).startsWith("locked");
  }

  private String outputOfProbe() throws Exception {
    Process process = StoreProbe.start(List.of(), List.of(), "lock", folder);
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }
}
