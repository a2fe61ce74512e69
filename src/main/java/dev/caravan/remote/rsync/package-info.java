/** Files that rsync carries, to an SSH server or to another folder of this machine. */
@NullMarked
package dev.caravan.remote.rsync;

import org.jspecify.annotations.NullMarked;
