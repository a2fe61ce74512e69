package dev.caravan.remote.rclone;

import dev.caravan.remote.Remote;
import java.nio.file.Path;

/** rclone's own store of objects, which ends with its child: so there is one client only. */
class RcloneMemoryIT extends RcloneContract {

  @Override
  RcloneSetup setup(Path folder) {
    return RcloneSetup.in(folder, ":memory:bucket/folder");
  }

  @Override
  public Remote open() {
    return shared();
  }
}
