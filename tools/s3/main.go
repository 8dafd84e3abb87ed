// An S3 server whose buckets are the folders of a folder, and whose objects are the files in them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: s3 ADDRESS BUCKETS METADATA, with the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What S3 keeps beside an object's bytes is in files of its own: not every file system has extended attributes.
func serve(address, buckets, metadata string) error {
	sidecar, err := meta.NewSideCar(metadata)
	if err != nil {
		return err
	}
	backend, err := posix.New(buckets, sidecar, posix.PosixOpts{SideCarDir: metadata})
	if err != nil {
		return err
	}
	return embedgw.RunVersityGW(context.Background(), store{backend}, &embedgw.Config{
		RootUserAccess:    os.Getenv("AWS_ACCESS_KEY_ID"),
		RootUserSecret:    os.Getenv("AWS_SECRET_ACCESS_KEY"),
		Ports:             []string{address},
		MaxConnections:    1000,
		MaxRequests:       1000,
		MultipartMaxParts: 10000,
		KeepAlive:         true,
	})
}

// In S3 there are no folders: `folder/` is an object, or it is not there, and then deleting it does nothing. Hadoop does
// so all the time; a folder with something in it refuses.
type store struct{ *posix.Posix }

var folder = s3err.GetAPIError(s3err.ErrDirectoryNotEmpty)

func (s store) DeleteObject(ctx context.Context, input *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	output, err := s.Posix.DeleteObject(ctx, input)
	if errors.Is(err, folder) {
		return &s3.DeleteObjectOutput{}, nil
	}
	return output, err
}

func (s store) DeleteObjects(ctx context.Context, input *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	result, err := s.Posix.DeleteObjects(ctx, input)
	refused := []types.Error{}
	for _, one := range result.Error {
		if *one.Code == folder.Code {
			result.Deleted = append(result.Deleted, types.DeletedObject{Key: one.Key})
		} else {
			refused = append(refused, one)
		}
	}
	result.Error = refused
	return result, err
}
