package dev.caravan.sync.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.RemoteException;
import dev.caravan.sim.FlakyRemote;
import org.junit.jupiter.api.Test;

class MirroredRemoteTest {

  private final FlakyRemote far = new FlakyRemote("far");
  private final MirroredRemote mirrored = new MirroredRemote(far);

  @Test
  void whatWasProbedAheadOfTimeIsNotProbedAgain() throws Exception {
    mirrored.probeEarly();
    assertThat(far.callsSince()).as("probe and marker").isEqualTo(2);
    mirrored.ensureProbed();
    assertThat(far.callsSince()).isZero();
    assertThat(mirrored.facts()).isPresent();
  }

  @Test
  void aFaultOfThatIsToldOnceAndThenTheRemoteIsAskedAgain() throws Exception {
    far.down(true);
    mirrored.probeEarly();
    assertThat(far.callsSince()).isEqualTo(1);
    assertThatThrownBy(mirrored::ensureProbed).isInstanceOf(RemoteException.class);
    assertThat(far.callsSince()).as("nobody waits for the same fault twice").isZero();
    far.mend();
    mirrored.ensureProbed();
    assertThat(mirrored.facts()).isPresent();
  }
}
