package dev.caravan.remote.sftp;

import dev.caravan.lab.SshServer.Door;
import org.junit.jupiter.api.Tag;

/** The contract, at a server that allows nothing but SFTP: what was written is read back. */
@Tag("soak")
class SftpOnlyRemoteIT extends SftpRemoteIT {

  @Override
  Door door() {
    return Door.SFTP_ONLY;
  }
}
