package dev.caravan.remote.rsync;

import dev.caravan.contract.RemoteContract;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with rsync to another folder of this machine. */
@Tag("soak")
class RsyncLocalIT extends RemoteContract {

  @TempDir Path root;

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    return RsyncSetup.local(root).remote();
  }

  @Override
  public long partSize() {
    return RsyncCarrier.SMALL_BYTES;
  }

  /** They share children. */
  @Override
  public int putsAtOnce() {
    return 64;
  }

  @Override
  public Instant kept(Instant modifiedAt) {
    return modifiedAt.getEpochSecond() < 0
        ? Instant.ofEpochSecond(modifiedAt.getEpochSecond())
        : modifiedAt;
  }
}
