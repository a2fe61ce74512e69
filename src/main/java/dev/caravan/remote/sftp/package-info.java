/** A folder on an SFTP server as a remote: plain files under the names they have in the store. */
@NullMarked
package dev.caravan.remote.sftp;

import org.jspecify.annotations.NullMarked;
