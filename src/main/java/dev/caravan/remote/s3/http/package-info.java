/** HTTP/1.1 over pooled sockets: as much of it as S3 servers speak, at the least cost. */
@NullMarked
package dev.caravan.remote.s3.http;

import org.jspecify.annotations.NullMarked;
