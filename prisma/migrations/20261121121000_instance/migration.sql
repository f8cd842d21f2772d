-- AlterTable
ALTER TABLE "Sandbox" ADD COLUMN     "clusterUid" TEXT;

-- CreateTable
CREATE TABLE "Instance" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT NOT NULL,

    CONSTRAINT "Instance_pkey" PRIMARY KEY ("id")
);
