package dev.caravan.remote.rclone;

import dev.caravan.remote.Remote;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** rclone's own store of objects, which ends with its child: so there is one client only. */
@Tag("soak")
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
