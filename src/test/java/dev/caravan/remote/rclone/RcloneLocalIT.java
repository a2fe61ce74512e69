package dev.caravan.remote.rclone;

import java.nio.file.Path;

/** A folder of this machine, where files are seen while they are written. */
class RcloneLocalIT extends RcloneContract {

  private Path far;

  @Override
  void empty() throws Exception {
    Trees.delete(far);
  }

  @Override
  RcloneSetup setup(Path folder) throws Exception {
    far = folder.resolve("far");
    return RcloneSetup.in(folder, "disk:" + far).config("[disk]\ntype = local\n");
  }
}
