-- AlterTable
ALTER TABLE "ClusterStatus" ADD COLUMN     "offer" JSONB;
