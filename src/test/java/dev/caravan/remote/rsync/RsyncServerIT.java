package dev.caravan.remote.rsync;

import dev.caravan.contract.RemoteContract;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with rsync to an OpenSSH server. */
class RsyncServerIT extends RemoteContract {

  @TempDir Path root;

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    return RsyncSetup.over(SshServer.shared().place(Door.SHELL, root).transfers(64)).remote();
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

  /** rsync keeps what the file system can; SFTP, which is asked for it, tells whole seconds. */
  @Override
  public Instant kept(Instant modifiedAt) {
    return Instant.ofEpochSecond(modifiedAt.getEpochSecond() & 0xFFFF_FFFFL);
  }
}
