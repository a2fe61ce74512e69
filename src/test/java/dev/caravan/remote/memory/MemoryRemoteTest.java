package dev.caravan.remote.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.RemoteContract;
import dev.caravan.contract.TestContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.memory.Faults.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryRemoteTest extends RemoteContract {

  private static final ObjectKey KEY = new ObjectKey("a");

  private final MemoryRemote memory = new MemoryRemote("memory");

  @Override
  protected Remote fresh() {
    return memory;
  }

  @Override
  public Remote open() {
    return memory;
  }

  @Override
  public long partSize() {
    return 1 << 20;
  }

  @Test
  void thePlannedCallFailsAndNoOther() throws Exception {
    memory.faults().fail(Call.PUT, 2, Cause.NETWORK);
    memory.put(KEY, TestContent.of("first"));
    assertThatThrownBy(() -> memory.put(KEY, TestContent.of("second")))
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NETWORK));
    memory.put(KEY, TestContent.of("third"));
    assertThat(memory.faults().happened()).isEqualTo(1);
  }

  @Test
  void everyCallFailsUntilThatIsCleared() throws Exception {
    memory.faults().failAll(Call.FIND, Cause.SERVER);
    assertThatThrownBy(() -> memory.find(KEY)).isInstanceOf(RemoteException.class);
    assertThatThrownBy(() -> memory.find(KEY)).isInstanceOf(RemoteException.class);
    memory.faults().clear();
    assertThat(memory.find(KEY)).isEmpty();
    assertThat(memory.faults().happened()).isEqualTo(2);
  }

  @Test
  void aLieIsFoundOutByAskingForTheHash() throws Exception {
    memory.faults().lieOnPut(1);
    TestContent content = TestContent.of("truth");
    memory.put(KEY, content);
    assertThat(memory.find(KEY).orElseThrow().sizeBytes()).isEqualTo(content.sizeBytes());
    assertThat(memory.find(KEY).orElseThrow().sha256())
        .isNotEmpty()
        .isNotEqualTo(java.util.Optional.of(content.sha256()));
  }

  @Test
  void somethingMayHappenBeforeACall() throws Exception {
    List<String> order = new ArrayList<>();
    memory.faults().before(Call.PUT, 1, () -> order.add("before"));
    memory.put(KEY, TestContent.of("x").onRead(() -> order.add("read")));
    assertThat(order).startsWith("before", "read");
  }

  @Test
  void anObjectMayBeLost() throws Exception {
    memory.put(KEY, TestContent.of("x"));
    memory.lose(KEY);
    assertThat(memory.find(KEY)).isEmpty();
  }
}
